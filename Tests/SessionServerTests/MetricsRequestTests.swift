import SessionCache
import SessionWire
import StoreSupport
import TestSupport
import Testing

@testable import SessionServer

@Suite("METRICS")
struct MetricsRequestTests {
  @Test("is OpenMetrics to the letter, whatever was asked for before")
  func format() throws {
    let dialogue = try Dialogue()
    let first = try dialogue.metrics()
    #expect(first.values[#"sessiond_build_info{version="9.8.7"}"#] == 1)
    #expect(first.values["sessiond_start_time_seconds"] == 1_700_000_987.655)
    #expect(first.types["sessiond_request_duration_seconds"] == "histogram")
    for command in Command.allCases where command != .quit { _ = dialogue.ask(command.name) }
    let later = try dialogue.metrics()
    for command in Command.allCases where command != .quit {
      #expect(later.values["sessiond_request_errors_total{command=\"\(command.name)\"}"] != nil, "\(command)")
    }
    #expect(!later.types.keys.contains { $0.hasPrefix("sessiond_store") })
  }

  @Test("tells the numbers that STATS tells")
  func sameNumbers() throws {
    let dialogue = try Dialogue()
    for request in [
      "SET s k 1", "SET s k x", "MSET s {}", "GET s", "GET s k", "GET y", "TAG s a b", "SET t k 1",
      "REVOKE t",
      "READS 40", "NOSUCH", "NOSUCH", "WATCH s", "DEL s", "SET u k 1",
    ] { _ = dialogue.ask(request) }
    try dialogue.ledger.admit(7)
    _ = dialogue.ledger.charge(7, 123)
    let (stats, values) = (dialogue.ask("STATS"), try dialogue.metrics().values)
    for (metric, number) in [
      ("sessions", 1), ("marks", 1), ("tagged_pairs", 0), (#"reads_total{path="socket",result="hit"}"#, 2),
      (#"reads_total{path="socket",result="miss"}"#, 1), (#"reads_total{path="mapping",result="hit"}"#, 40),
      ("writes_total", 4), ("writes_full_total", 0), ("sessions_expired_total", 0), ("connections", 1),
      ("connections_accepted_total", 1), ("unknown_requests_total", 2),
      (#"request_errors_total{command="SET"}"#, 1), (#"memory_used_bytes{kind="buffers"}"#, 123),
      (#"request_duration_seconds_count{command="SET"}"#, 4), ("adopted_sessions", 0),
    ] as [(String, Double)] {
      #expect(values["sessiond_\(metric)"] == number, "\(metric)")
    }
    #expect(stats.contains(#""hits":2,"misses":1,"sets":4,"expired":0,"full":0,"#))
    #expect(stats.contains(#""mapped":{"hits":40,"maps":0}"#) && stats.contains(#""buffers":123}"#))
    #expect(stats.hasSuffix(#","unknown":2}"#) && stats.contains(#""forgotten":0,"#))
    #expect(!stats.contains("adopted"))
    let memory = dialogue.cache.statistics
    #expect(values["sessiond_memory_limit_bytes"] == Double(memory.memoryLimit))
    #expect(values["sessiond_memory_reserved_bytes"] == Double(memory.memoryReserved))
    #expect(values[#"sessiond_memory_used_bytes{kind="index"}"#] == Double(memory.memoryIndex))
    #expect(
      values[#"sessiond_memory_used_bytes{kind="records"}"#] == Double(memory.memoryUsed - memory.memoryIndex)
    )
    // Two ends are remembered, and a watcher was told of one.
    #expect(memory.eventBytes > 2 * 64 && memory.eventBytes < 1000)
  }

  @Test("puts a command's time into the bucket that it belongs to")
  func histogram() throws {
    let dialogue = try Dialogue(cache: makeCache(shards: 128))
    #expect(dialogue.take("FLUSH\n".utf8).pause == .requestIsLong)
    dialogue.clock.advance(seconds: 1)
    _ = dialogue.goOnUntilDone()
    let values = try dialogue.metrics().values
    let name = "sessiond_request_duration_seconds"
    #expect(values[#"\#(name)_bucket{command="FLUSH",le="0.268435456"}"#] == 0)
    #expect(values[#"\#(name)_bucket{command="FLUSH",le="1.073741824"}"#] == 1)
    #expect(values[#"\#(name)_sum{command="FLUSH"}"#] == 1)
    #expect(values[#"\#(name)_bucket{command="FLUSH",le="1.024e-06"}"#] == 0)
  }

  @Test("tells of the store behind the cache", arguments: StoredDaemon.Mode.allCases)
  func store(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s a 1") != nil)
      try daemon.flush()
      daemon.forgetAll()
      let loads = "sessiond_store_load_duration_seconds_count"
      let before = try #require(try client.metrics().values[loads])
      #expect(client.ask("GET s a") == "OK 1")
      let text = try client.metrics()
      #expect(text.values["sessiond_store_up"] == 1)
      #expect(text.values[#"sessiond_store_loads_total{result="hit"}"#] == 1)
      #expect(try #require(text.values["sessiond_store_saves_total"]) >= 1)
      #expect(try #require(text.values["sessiond_store_batch_duration_seconds_count"]) >= 1)
      #expect(text.values[loads] == before + 1)
      #expect(text.values["sessiond_sessions_forgotten_total"] == 1)
      #expect(text.types["sessiond_store"] == "info")
    }
  }
}

@Suite("The writer of OpenMetrics")
struct OpenMetricsWriterTests {
  @Test("writes a family with its samples, and escapes what labels hold")
  func family() throws {
    var writer = OpenMetricsWriter()
    writer.begin("a_things", .counter, help: "Things.")
    writer.sample(3, [("x", "1"), ("y", "a\"b\\c\nd")])
    writer.begin("b_seconds", .gauge, unit: .seconds, help: "Time.")
    writer.sample(seconds: 1_000_000_020)
    #expect(
      writer.finish() == """
        # TYPE a_things counter
        # HELP a_things Things.
        a_things_total{x="1",y="a\\"b\\\\c\\nd"} 3
        # TYPE b_seconds gauge
        # UNIT b_seconds seconds
        # HELP b_seconds Time.
        b_seconds 1.00000002
        # EOF

        """)
  }

  @Test("writes times of all sizes, and the bounds of a histogram as canonical floats")
  func numbers() throws {
    for (nanoseconds, text) in [
      (0, "0.0"), (1, "0.000000001"), (1_500_000_000, "1.5"), (-1, "0.0"), (.max, "9223372036.854775807"),
    ] as [(Int64, String)] {
      var writer = OpenMetricsWriter()
      writer.begin("a", .gauge, help: "A.")
      writer.sample(seconds: nanoseconds)
      #expect(writer.finish().contains("\na \(text)\n"))
    }
    let histogram = LatencyHistogram()
    for nanoseconds in [0, 1023, 1024, 5_000_000, 1 << 39] as [Int64] { histogram.record(nanoseconds) }
    var writer = OpenMetricsWriter()
    writer.begin("a_seconds", .histogram, unit: .seconds, help: "A.")
    writer.samples(histogram.summary)
    let values = try OpenMetricsText(writer.finish()).values
    #expect(values[#"a_seconds_bucket{le="1.024e-06"}"#] == 2)
    #expect(values[#"a_seconds_bucket{le="2.048e-06"}"#] == 3)
    #expect(values[#"a_seconds_bucket{le="17.179869184"}"#] == 4)
    #expect(values[#"a_seconds_bucket{le="+Inf"}"#] == 5)
    #expect(values.count == OpenMetricsWriter.boundExponents.count + 3)
  }
}

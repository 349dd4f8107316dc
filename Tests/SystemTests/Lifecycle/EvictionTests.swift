import Glibc
import Testing

@Suite("A daemon whose memory is full")
struct EvictionTests {
  private let value = "\"\(String(repeating: "v", count: 900))\""

  @Test("evicts: it refuses no write, keeps tagged sessions and those in use, and tells who went")
  func evicts() throws {
    try withDaemon("--max-memory", "2M", "--when-full", "evict") { daemon in
      let connection = try daemon.connect()
      let watcher = try daemon.connect()
      #expect(try watcher.request("WATCH first").hasPrefix("OK "))
      for session in ["first", "user", "used"] {
        _ = try connection.request("SET \(session) k \(value)").version
      }
      #expect(try connection.request("TAG user u:1") == "OK 1")
      for number in 0..<5_000 {
        // Of other sizes from time to time.
        let text = number % 500 == 499 ? "\"\(String(repeating: "w", count: 100_000))\"" : value
        _ = try connection.request("SET s\(number) k \(text)").version
        if number % 100 == 0 { #expect(try connection.request("GET used k") == "OK \(value)") }
      }
      #expect(try connection.request("GET first") == "NIL")
      #expect(try connection.request("GET user k") == "OK \(value)")
      #expect(try connection.request("GET s4998 k") == "OK \(value)")
      #expect(try connection.request("WHY first").hasPrefix("OK {\"ended\":\"evicted\",\"at\":"))
      let statistics = try connection.request("STATS")
      #expect(try statistics.number("full") == 0)
      #expect(try statistics.number("untagged") > 3_000)
      #expect(try statistics.number("tagged") == 0)
      let events = try (0..<2).map { _ in try watcher.reply() }
      #expect(events[0].contains("\"event\":\"set\",\"session\":\"first\""))
      #expect(events[1].contains("\"event\":\"evict\",\"session\":\"first\""))
    }
  }

  @Test("goes on evicting after a kill, with a segment that is sound")
  func restart() throws {
    try withDaemon("--max-memory", "2M", "--when-full", "evict") { daemon in
      for number in 0..<2_500 { _ = try daemon.ask("SET s\(number) k \(value)").version }
      daemon.kill()
      try daemon.restart()
      for number in 0..<500 { _ = try daemon.ask("SET t\(number) k \(value)").version }
      #expect(try daemon.ask("STATS").number("untagged") > 300)
      daemon.kill()
      try daemon.restart()
      _ = try daemon.audit()
    }
  }

  @Test("refuses or evicts as the configuration file says, which may change")
  func reload() throws {
    try withDaemon(DaemonOptions(arguments: ["--max-memory", "2M"], configuration: "when-full=refuse\n")) {
      daemon in
      let connection = try daemon.connect()
      let isFull = try (0..<5_000).contains { number in
        try connection.request("SET s\(number) k \(value)").errorCode == "full"
      }
      #expect(isFull)
      try Files.write("when-full=evict\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("it evicts") { try connection.request("SET more k \(value)").errorCode == nil }
      for number in 0..<500 { _ = try connection.request("SET t\(number) k \(value)").version }
      #expect(try connection.request("GET s1") == "NIL")
    }
  }
}

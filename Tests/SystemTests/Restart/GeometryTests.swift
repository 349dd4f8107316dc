import SegmentAudit
import SessionSegment
import Testing

@Suite("Between two starts the segment may grow, shrink and be cut otherwise")
struct GeometryTests {
  /// Another geometry than `--max-memory 16M --shards 4 --max-session 200K`.
  struct Change: CustomTestStringConvertible {
    let testDescription: String
    let memory: String
    let shards: Int
    let session: String

    init(_ memory: String, _ shards: Int, _ session: String) {
      testDescription = "\(memory), \(shards) shards, max-session \(session)"
      self.memory = memory
      self.shards = shards
      self.session = session
    }

    var options: DaemonOptions {
      DaemonOptions(
        arguments: ["--max-memory", memory, "--shards", "\(shards)", "--max-session", session])
    }
  }

  private static let start = ["--max-memory", "16M", "--shards", "4", "--max-session", "200K"]

  @Test(
    "nothing is lost, and who has the old segment mapped learns that it is superseded",
    arguments: [
      Change("64M", 4, "200K"), Change("8M", 4, "200K"), Change("16M", 64, "200K"),
      Change("16M", 1, "200K"), Change("16M", 4, "1M"), Change("9M", 8, "500K"),
    ])
  func changed(change: Change) throws {
    try FilledDaemon.with("--max-memory", "16M", "--shards", "4", "--max-session", "200K") { filled in
      let daemon = filled.daemon
      let before = try daemon.audit()
      let reader = try MappedReader(path: daemon.segmentPath, sessions: 0)
      for (ending, options) in [
        (FilledDaemon.Ending.killed, change.options),
        (.stopped, DaemonOptions(arguments: Self.start)),
      ] {
        try filled.end(ending)
        try daemon.restart(options)
        let after = try daemon.audit()
        #expect(byID(after.sessions) == byID(before.sessions))
        #expect(after.lastVersion >= before.lastVersion)
        #expect(after.id != before.id)
        #expect(try filled.survivors() == filled.liveCount)
        #expect(daemon.warnings == [])
        #expect(filled.setAside == [])
        if ending == .killed { #expect(after.shards == change.shards) }
        #expect(Files.status(daemon.segmentPath + ".new") == nil)
        #expect(reader.outcome("s1") == .superseded)
      }
    }
  }

  @Test("a segment too small for what there is: everything stays where it is, with one warning")
  func tooSmall() throws {
    try FilledDaemon.with("--max-memory", "32M", "--shards", "4", "--max-session", "200K") { filled in
      let daemon = filled.daemon
      let before = try daemon.audit()
      daemon.kill()
      let small = DaemonOptions(
        arguments: ["--max-memory", "2M", "--shards", "4", "--max-session", "100K"])
      try daemon.restart(small)
      #expect(daemon.warnings.count == 1, "\(daemon.warnings)")
      let after = try daemon.audit()
      #expect(byID(after.sessions) == byID(before.sessions))
      #expect(after.id == before.id)
      #expect(try filled.survivors() == filled.liveCount)
      #expect(try daemon.ask("STATS").number("limit") == Double(32 << 20))
      #expect(Files.status(daemon.segmentPath + ".new") == nil)
      guard case .found = try MappedReader(path: daemon.segmentPath, sessions: 0).outcome("s1") else {
        throw Failure("s1 can't be read in the segment that stayed")
      }
      // Once there is room for what is left, the next start makes it small.
      for number in 0..<1500 where number % 20 != 1 { _ = try daemon.ask("DEL s\(number)").okNumber }
      let left = try filled.survivors()
      try filled.end(.stopped)
      try daemon.restart()
      #expect(try daemon.ask("STATS").number("limit") == Double(2 << 20))
      #expect(try filled.survivors() == left)
      _ = try daemon.audit()
    }
  }

  @Test("a full segment is taken over, and made larger it has room again")
  func fullSegment() throws {
    try withDaemon("--max-memory", "4M", "--shards", "2", "--max-session", "100K") { daemon in
      let value = "\"\(String(repeating: "v", count: 3000))\""
      let connection = try daemon.connect()
      let count = try (0..<10_000).first {
        try connection.request("SET s\($0) a \(value)").errorCode == "full"
      }
      let full = try #require(count)
      for memory in ["4M", "8M"] {
        daemon.kill()
        try daemon.restart(
          DaemonOptions(arguments: ["--max-memory", memory, "--shards", "2", "--max-session", "100K"]))
        for number in 0..<full { #expect(try daemon.ask("PEEK s\(number) a") == "OK \(value)") }
        #expect(daemon.warnings == [])
        _ = try daemon.audit()
      }
      for number in full..<full + 500 { _ = try daemon.ask("SET s\(number) a \(value)").version }
    }
  }
}

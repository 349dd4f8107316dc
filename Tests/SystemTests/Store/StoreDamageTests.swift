import Glibc
import TestSupport
import Testing

@Suite("A database that is damaged is set aside or passed over, never believed")
struct StoreDamageTests {
  enum Damage: CaseIterable {
    case randomBytes, truncated, flippedByte, lostLog, emptied

    func apply(to files: DatabaseFiles, _ random: inout SplitMix64) throws {
      switch self {
      case .randomBytes:
        try files.change { bytes in
          for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        }
      case .truncated: try files.change { $0.removeLast(random.pick($0.count) + 1) }
      case .flippedByte:
        // One of a few hundred kilobytes: near the beginning as often as anywhere.
        let spread = Bool.random(using: &random) ? 4096 : Int.max
        try files.change { bytes in
          let place = random.pick(min(bytes.count, spread))
          // Version and application stay: a file of another version or program is refused.
          if !(60..<72).contains(place) { bytes[place] ^= UInt8(1 << random.pick(8)) }
        }
      case .lostLog:
        for name in Files.names(in: files.directory) where name != "sessions.db" {
          unlink("\(files.directory)/\(name)")
        }
        try files.change { $0.removeLast(min($0.count, 4096)) }
      case .emptied: try files.change { $0.removeAll() }
      }
    }
  }

  private static let sessions = 150
  /// 6 seeds of each, or 200 with SESSIOND_LONG_TESTS=1: 1,000 in all.
  private static let seeds = Programs.runsLongTests ? 200 : 5

  private func value(_ session: Int) -> String {
    let proof = ProvingValue(counter: 1, writer: 1, session: session, filler: 40 * (session % 50))
    return "\"\(String(decoding: proof.bytes, as: UTF8.self))\""
  }

  private func fill(_ daemon: DaemonProcess) throws {
    let connection = try daemon.connect()
    for session in 0..<Self.sessions {
      _ = try connection.request("MSET s\(session) TTL 86400 {\"a\":\(value(session)),\"n\":\(session)}")
        .version
      #expect(try connection.request("TAG s\(session) user:\(session % 7)") == "OK 1")
    }
  }

  private func options(_ directory: TemporaryDirectory, _ more: String...) throws -> DaemonOptions {
    mkdir(directory.file("state"), 0o700)
    return DaemonOptions(
      arguments: [
        "--store", "sqlite:\(directory.file("state"))/sessions.db", "--max-memory", "8M", "--shards", "2",
      ]
        + more)
  }

  /// Each session is whole, or not there, or can't be had.
  ///
  /// - Returns: how many are whole.
  private func examine(_ daemon: DaemonProcess) throws -> Int {
    let connection = try daemon.connect()
    let requests = (0..<Self.sessions).map { "GET s\($0)\n" }.joined()
    let replies = try connection.exchange(Array(requests.utf8), replies: Self.sessions)
    for (session, reply) in replies.enumerated() where reply != "NIL" && reply.errorCode != "unavailable" {
      guard reply == "OK {\"a\":\(value(session)),\"n\":\(session)}" else {
        throw Failure("session \(session) is \(reply.prefix(100))")
      }
    }
    return replies.count { $0.hasPrefix("OK ") }
  }

  @Test(
    "at the start, without a segment: each session is whole or gone, the daemon serves, and stores anew",
    arguments: Damage.allCases)
  func withoutSegment(damage: Damage) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    try TemporaryDirectory.with { directory in
      let options = try options(directory, "--durability", "through")
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      try fill(daemon)
      let files = DatabaseFiles(directory: directory.file("state"))
      // What a kill leaves, and what a stop does.
      daemon.killWithSegment()
      let killed = try files.contents()
      try daemon.restart()
      #expect(try examine(daemon) == Self.sessions)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      let stopped = try files.contents()
      for number in 0..<Self.seeds {
        var random = SplitMix64(seed: seed &+ UInt64(number))
        unlink(daemon.segmentPath)
        try files.restore(number % 2 == 0 ? killed : stopped)
        try damage.apply(to: files, &random)
        do {
          try daemon.restart()
          _ = try examine(daemon)
          try eventually("it stores anew") { try daemon.ask("SET new a 1").errorCode == nil }
          #expect(try daemon.ask("GET new a") == "OK 1")
        } catch {
          throw Failure("seed \(seed), \(damage) \(number): \(error)\n\(daemon.standardError)")
        }
        daemon.kill()
      }
    }
  }

  @Test("at the start, with the segment: nothing is lost, and the new database has it all")
  func withSegment() throws {
    var random = SplitMix64(seed: 1)
    try TemporaryDirectory.with { directory in
      let options = try options(directory, "--flush-every", "100ms")
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      try fill(daemon)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      try Damage.randomBytes.apply(to: DatabaseFiles(directory: directory.file("state")), &random)
      try daemon.restart()
      #expect(daemon.warnings.count == 1, "\(daemon.warnings)")
      #expect(Files.names(in: directory.file("state")).contains { $0.hasPrefix("sessions.db.") })
      #expect(try examine(daemon) == Self.sessions)
      try daemon.waitUntilSaved()
      daemon.killWithSegment()
      try daemon.restart()
      #expect(try examine(daemon) == Self.sessions)
      #expect(try daemon.ask("TAGGED user:0 LIMIT 1000").split(separator: ",").count == Self.sessions / 7 + 1)
    }
  }

  @Test(
    "a session or a mark in it that is not as it was written is told of, and not taken for one that is not there"
  )
  func damagedRecord() throws {
    try TemporaryDirectory.with { directory in
      let daemon = try DaemonProcess.start(in: directory, try options(directory))
      defer { daemon.kill() }
      try fill(daemon)
      _ = try daemon.ask("MSET odd {\"unmistakable\":1}").version
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      try DatabaseFiles(directory: directory.file("state")).change { bytes in
        let place = try #require(bytes.firstRange(of: Array("unmistakable".utf8)))
        bytes[place.lowerBound] = UInt8(ascii: "U")
      }
      unlink(daemon.segmentPath)
      try daemon.restart()
      for request in ["GET odd", "EXISTS odd", "SET odd a 1", "RENAME odd even", "GET odd"] {
        #expect(try daemon.ask(request) == "ERR unavailable what the store has of the session is damaged")
      }
      #expect(try examine(daemon) == Self.sessions)
      #expect(try daemon.storeStatistics().number("damaged") == 1)
      #expect(daemon.warnings.count { $0.contains("damaged") } == 1, "\(daemon.warnings)")
      #expect(try daemon.ask("REVOKE odd") == "OK 1")
      #expect(try daemon.ask("GET odd") == "NIL")
      try daemon.waitUntilSaved()
      daemon.killWithSegment()
      try daemon.restart()
      #expect(try daemon.ask("SET odd a 1").errorCode == "revoked")
    }
  }

  @Test("of a newer schema it is left as it is: one line, and status 78")
  func newerSchema() throws {
    try TemporaryDirectory.with { directory in
      let daemon = try DaemonProcess.start(in: directory, try options(directory))
      defer { daemon.kill() }
      try fill(daemon)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      let files = DatabaseFiles(directory: directory.file("state"))
      // The user version, big-endian (the SQLite file format, 1.3.17).
      try files.change { $0.replaceSubrange(60..<64, with: [0, 0, 3, 231]) }
      let before = try Files.read(files.path)
      try daemon.launchAgain()
      #expect(try daemon.waitForExit() == .exited(78))
      #expect(daemon.warnings.count == 1, "\(daemon.warnings)")
      #expect(try Files.read(files.path) == before)
      #expect(Files.status(daemon.socketPath) == nil)
    }
  }
}

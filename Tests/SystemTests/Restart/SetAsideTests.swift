import Glibc
import SegmentAudit
import SessionSegment
import Testing

@Suite("A segment that can't be trusted is set aside, and what is sound of it is kept")
struct SetAsideTests {
  /// Fills a daemon, kills it, changes its segment's file, and starts it again.
  private func afterDamage(
    _ damage: (SegmentImage, String) throws -> Void, _ body: (FilledDaemon, AuditReport) throws -> Void
  ) throws {
    try FilledDaemon.with("--max-memory", "16M", "--shards", "4", "--max-session", "200K") { filled in
      let before = try filled.daemon.audit()
      filled.daemon.kill()
      try damage(try SegmentImage(copying: filled.daemon.segmentPath), filled.daemon.segmentPath)
      try filled.daemon.restart()
      try body(filled, before)
    }
  }

  private func expectSetAside(_ filled: FilledDaemon) {
    #expect(filled.daemon.warnings.count == 1, "\(filled.daemon.warnings)")
    #expect(filled.setAside.count == 1)
    #expect(filled.setAside.allSatisfy { $0.contains(/^segment\.set-aside-[0-9]{8}T[0-9]{6}Z$/) })
    for name in filled.setAside { #expect(filled.daemon.warnings.joined().contains(name)) }
  }

  @Test(
    "another format version: set aside under a name with the time, one line, an empty start",
    arguments: [1, SegmentLayout.formatVersion - 1, SegmentLayout.formatVersion + 1, 99])
  func otherFormat(format: UInt32) throws {
    try afterDamage { image, path in
      image.set(8, half: format)
      try image.write(to: path)
    } _: { filled, before in
      expectSetAside(filled)
      let left = try filled.survivors()
      #expect(left == 0)
      let kept = filled.daemon.directory.file(filled.setAside.first ?? "")
      #expect(Files.status(kept)?.st_size == 16 << 20)
      #expect(try filled.daemon.ask("SET s1 a 1").version > 0)
      #expect(try filled.daemon.audit().id != before.id)
    }
  }

  @Test("only the newest that was set aside is kept")
  func newestOnly() throws {
    try FilledDaemon.with("--max-memory", "16M") { filled in
      var last = ""
      for _ in 0..<2 {
        filled.daemon.kill()
        let image = try SegmentImage(copying: filled.daemon.segmentPath)
        image.set(8, half: 77)
        try image.write(to: filled.daemon.segmentPath)
        // The name has the second.
        let second = secondsSinceBoot()
        if !last.isEmpty { try eventually("another second") { secondsSinceBoot() > second + 1.1 } }
        try filled.daemon.restart()
        #expect(filled.setAside.count == 1)
        #expect(filled.setAside != [last])
        last = filled.setAside.first ?? ""
      }
    }
  }

  /// A change of a header, and whether all sessions must still be there.
  struct HeaderChange: CustomTestStringConvertible {
    let testDescription: String
    let keepsAll: Bool
    let change: @Sendable (SegmentImage) -> Void

    init(_ what: String, keepsAll: Bool = false, _ change: @escaping @Sendable (SegmentImage) -> Void) {
      testDescription = what
      self.keepsAll = keepsAll
      self.change = change
    }

    static let all: [HeaderChange] = [
      .init("first magic") { $0.set(0, word: 0) },
      .init("second magic") { $0.set(4088, word: 0) },
      .init("half the size") { $0.set(16, word: 8 << 20) },
      .init("twice the size") { $0.set(16, word: 32 << 20) },
      .init("no shard") { $0.set(12, half: 0) },
      .init("three shards") { $0.set(12, half: 3) },
      .init("twice the shards") { $0.set(12, half: 8) },
      .init("all shards") { $0.set(12, half: 1024) },
      .init("another seed") { $0.set(40, word: $0.word(40) ^ 1) },
      .init("a spare at the beginning") { $0.set(56, word: 0) },
      .init("a spare outside") { $0.set(56, word: .max) },
      .init("a negative lifetime") { $0.set(64, word: 1 << 63) },
      .init("superseded, as by a daemon killed before the rename", keepsAll: true) { $0.set(72, word: 1) },
      .init("superseded by nonsense") { $0.set(72, word: .max) },
      .init("last version 0", keepsAll: true) { $0.set(128, word: 0) },
      .init("last version over the limit") { $0.set(128, word: .max) },
    ]
  }

  @Test(
    "a header that says something wrong: the daemon starts, what it has is right, and the audit passes",
    arguments: HeaderChange.all)
  func header(change: HeaderChange) throws {
    try afterDamage { image, path in
      change.change(image)
      try image.write(to: path)
    } _: { filled, before in
      let left = try filled.survivors()
      if change.keepsAll { #expect(left == filled.liveCount) }
      #expect(filled.setAside.count <= 1)
      #expect(filled.daemon.warnings.count <= 1, "\(filled.daemon.warnings)")
      if left < filled.liveCount { expectSetAside(filled) }
      let after = try filled.daemon.audit()
      let version = try filled.daemon.ask("SET new a 1").version
      // Versions never begin anew where a session could tell.
      if left > 0 { #expect(version > before.sessions.map(\.version).max() ?? 0) }
      #expect(after.sessions.count == left)
      filled.daemon.kill()
      try filled.daemon.restart()
      #expect(try filled.survivors() == left)
    }
  }

  @Test(
    "a file cut off: the daemon starts, and what it has is right",
    arguments: [1, 8, 100, 4096, 8192, 12_000, 40_000, 1 << 20, 3 << 20, 16 << 20 - 4096])
  func cutOff(bytes: Int) throws {
    try afterDamage { image, path in
      try image.write(to: path, count: bytes)
    } _: { filled, _ in
      let left = try filled.survivors()
      if left < filled.liveCount { expectSetAside(filled) }
      _ = try filled.daemon.audit()
      _ = try filled.daemon.ask("SET new a 1").version
    }
  }

  @Test("a file that was made longer: the daemon starts, and has all sessions or has set it aside")
  func longer() throws {
    try afterDamage { _, path in
      try check(truncate(path, 20 << 20), "truncate")
    } _: { filled, _ in
      if try filled.survivors() < filled.liveCount { expectSetAside(filled) }
      _ = try filled.daemon.audit()
    }
  }

  /// Changes a byte of one session's value; which session that is.
  private func damageOneRecord(_ image: SegmentImage) throws -> String {
    let report = SegmentAudit.of(image)
    let (session, place) = try #require(zip(report.sessions, report.places.records).first { _ in true })
    image.set(place.upperBound - 2, byte: image.byte(place.upperBound - 2) ^ 1)
    return String(decoding: session.id, as: UTF8.self)
  }

  @Test("a record that was damaged is not there any more, all others are")
  func oneRecord() throws {
    var victim = ""
    try afterDamage { image, path in
      victim = try damageOneRecord(image)
      try image.write(to: path)
    } _: { filled, before in
      expectSetAside(filled)
      #expect(try filled.survivors() == filled.liveCount - 1)
      #expect(try filled.daemon.ask("EXISTS \(victim)") == "OK false")
      #expect(try filled.daemon.ask("SET new a 1").version > before.lastVersion)
      _ = try filled.daemon.audit()
    }
  }

  @Test(
    "killed while it sets a file aside, the next daemon has all that is sound of it",
    .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"),
    arguments: ["link", "unlink", "ftruncate", "fallocate", "rename"])
  func killedMeanwhile(call: String) throws {
    try FilledDaemon.with("--max-memory", "16M", "--shards", "4") { filled in
      let daemon = filled.daemon
      daemon.kill()
      let image = try SegmentImage(copying: daemon.segmentPath)
      let victim = try damageOneRecord(image)
      let plain = daemon.options
      var (number, wasKilled) = (1, true)
      while wasKilled {
        for name in filled.setAside + ["segment.new"] { unlink(daemon.directory.file(name)) }
        try image.write(to: daemon.segmentPath)
        var traced = plain
        let rule = "inject=\(call):signal=KILL:when=\(number)"
        traced.wrapper = Tracing.command + ["-qqq", "-o", "/dev/null", "-e", rule]
        try daemon.launchAgain(traced)
        try eventually("it is ready, or killed") { try daemon.hasEnded() || (try? daemon.ask("PING")) != nil }
        wasKilled = try daemon.hasEnded()
        daemon.kill()
        try daemon.restart(plain)
        #expect(try filled.survivors() == filled.liveCount - 1)
        #expect(try daemon.ask("EXISTS \(victim)") == "OK false")
        #expect(filled.setAside.count == 1)
        #expect(Files.status(daemon.segmentPath + ".new") == nil)
        _ = try daemon.audit()
        number += max(1, number / 2)
      }
      #expect(number > 2, "it was killed at least once")
    }
  }

  @Test("an empty file is taken for a segment that was never begun")
  func emptyFile() throws {
    try afterDamage { _, path in
      try check(truncate(path, 0), "truncate")
    } _: { filled, _ in
      #expect(try filled.survivors() == 0)
      _ = try filled.daemon.audit()
    }
  }

  @Test("a file with neither magic word is refused and left alone")
  func noMagic() throws {
    try FilledDaemon.with("--max-memory", "16M") { filled in
      filled.daemon.kill()
      let path = filled.daemon.segmentPath
      let image = try SegmentImage(copying: path)
      image.set(0, word: 0)
      image.set(4088, word: 0)
      try image.write(to: path)
      let before = Files.status(path)
      let result = try run(
        Programs.sessiond, ["--socket", filled.daemon.directory.file("s.sock"), "--segment", path])
      #expect(result.status == .exited(78))
      #expect(result.errorLines.count == 1)
      let after = Files.status(path)
      #expect(after?.st_ino == before?.st_ino)
      #expect(after?.st_mtim.tv_sec == before?.st_mtim.tv_sec)
      #expect(after?.st_mtim.tv_nsec == before?.st_mtim.tv_nsec)
      let content = try Files.read(path)
      #expect(content == image.withBytes(0..<image.size) { Array($0) })
    }
  }
}

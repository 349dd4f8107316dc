import Glibc
import SegmentAudit
import Testing

@Suite("A new start keeps every session as it was")
struct RestartTests {
  @Test(
    "over a stop and over a kill each session has its content, version, times and bytes, in the same file",
    arguments: FilledDaemon.Ending.allCases)
  func keeps(ending: FilledDaemon.Ending) throws {
    try FilledDaemon.with("--max-memory", "16M", "--shards", "4") { filled in
      let before = try filled.daemon.audit()
      let inode = Files.status(filled.daemon.segmentPath)?.st_ino
      let information = try filled.daemon.ask("INFO s1").replacing(/"ttl":[0-9.]+/, with: "")
      let memory = try filled.daemon.ask("STATS").number("used")
      for _ in 0..<2 {
        try filled.end(ending)
        try filled.daemon.restart()
        let after = try filled.daemon.audit()
        #expect(byID(after.sessions) == byID(before.sessions))
        #expect(after.lastVersion >= before.lastVersion)
        #expect(after.id == before.id)
        #expect(Files.status(filled.daemon.segmentPath)?.st_ino == inode)
        #expect(try filled.survivors() == filled.liveCount)
        #expect(try filled.daemon.ask("STATS").number("used") == memory)
        let now = try filled.daemon.ask("INFO s1").replacing(/"ttl":[0-9.]+/, with: "")
        #expect(now.prefix { $0 != "." } == information.prefix { $0 != "." })
        #expect(filled.daemon.warnings == [])
        #expect(filled.setAside == [])
      }
      #expect(try filled.daemon.ask("SET new a 1").version > before.lastVersion)
    }
  }

  @Test("TTL goes on from where it was, and the session's own idle time stays its own")
  func ttl() throws {
    try withDaemon("--ttl", "100s") { daemon in
      _ = try daemon.ask("SET own a TTL 1000 1").version
      _ = try daemon.ask("SET default a 1").version
      for signal in [SIGTERM, SIGKILL] {
        let before = try daemon.ask("TTL own").okNumber
        try daemon.signal(signal)
        _ = try daemon.waitForExit()
        try daemon.restart(DaemonOptions(arguments: ["--ttl", "50s"]))
        let after = try daemon.ask("TTL own").okNumber
        #expect(after < before && after > before - 30)
        #expect(try daemon.ask("INFO default").number("idle") == 100)
        #expect(try daemon.ask("INFO own").number("idle") == 1000)
      }
      _ = try daemon.ask("SET new a 1").version
      #expect(try daemon.ask("INFO new").number("idle") == 50)
    }
  }

  @Test("what expired while no daemon ran is gone, and its memory with it", arguments: [SIGTERM, SIGKILL])
  func expired(signal: Int32) throws {
    try withDaemon("--shards", "1") { daemon in
      let connection = try daemon.connect()
      let empty = try daemon.audit()
      for number in 0..<700 { _ = try connection.request("SET short\(number) a TTL 0.5 1").version }
      for number in 0..<50 { _ = try connection.request("SET long\(number) a TTL 1000 1").version }
      let alive = secondsSinceBoot()
      try daemon.signal(signal)
      _ = try daemon.waitForExit()
      try eventually("their time is over") { secondsSinceBoot() > alive + 0.5 }
      try daemon.restart()
      // What ended within the last quarter of a second may be counted still.
      try eventually("they are reclaimed") { try daemon.ask("STATS").number("sessions") == 50 }
      for number in 0..<700 { #expect(try daemon.ask("EXISTS short\(number)") == "OK false") }
      for number in 0..<50 { #expect(try daemon.ask("GET long\(number) a") == "OK 1") }
      #expect(try daemon.audit().sessions.count == 50)
      #expect(try daemon.ask("FLUSH") == "OK 50")
      try eventually("the index shrinks again") { try daemon.audit().usedBytes <= empty.usedBytes }
    }
  }

  @Test("the absolute lifetime counts from creation over restarts, and a changed one counts for all")
  func lifetime() throws {
    try withDaemon("--max-lifetime", "1000s") { daemon in
      _ = try daemon.ask("SET s1 a TTL 5000 1").version
      #expect(try daemon.ask("TTL s1").okNumber <= 1000)
      let first = secondsSinceBoot()
      daemon.kill()
      try daemon.restart(DaemonOptions(arguments: ["--max-lifetime", "off"]))
      #expect(try daemon.ask("TTL s1").okNumber > 1000)
      daemon.kill()
      try eventually("time passes") { secondsSinceBoot() > first + 0.3 }
      try daemon.restart(DaemonOptions(arguments: ["--max-lifetime", "300ms"]))
      #expect(try daemon.ask("EXISTS s1") == "OK false")
      try eventually("it is reclaimed") { try daemon.ask("STATS").number("sessions") == 0 }
      _ = try daemon.audit()
    }
  }

  @Test("what was removed, flushed or changed last stays so")
  func lastChanges() throws {
    try FilledDaemon.with("--max-memory", "16M") { filled in
      let daemon = filled.daemon
      #expect(try daemon.ask("DEL s1") == "OK 1")
      #expect(try daemon.ask("DEL s2 n") == "OK 1")
      #expect(try daemon.ask("INCR s3 n 5") == "OK 8")
      #expect(try daemon.ask("EXPIRE s4 77") == "OK true")
      daemon.kill()
      try daemon.restart()
      #expect(try daemon.ask("EXISTS s1") == "OK false")
      #expect(try daemon.ask("PEEK s2 n") == "NIL")
      #expect(try daemon.ask("PEEK s3 n") == "OK 8")
      #expect(try daemon.ask("INFO s4").number("idle") == 77)
      _ = try daemon.ask("FLUSH").okNumber
      daemon.kill()
      try daemon.restart()
      #expect(try filled.survivors() == 0)
      #expect(try daemon.ask("STATS").number("sessions") == 0)
    }
  }

  @Test("a second daemon on a live segment is refused with the first one's pid and leaves the file as it is")
  func secondDaemon() throws {
    try FilledDaemon.with("--max-memory", "16M") { filled in
      let daemon = filled.daemon
      let before = Files.status(daemon.segmentPath)
      for memory in ["16M", "32M"] {
        let second = try run(
          Programs.sessiond,
          [
            "--socket", daemon.directory.file("other.sock"), "--segment", daemon.segmentPath, "--max-memory",
            memory,
          ])
        #expect(second.status == .exited(75))
        #expect(second.errorLines.count == 1)
        #expect(second.standardError.contains("\(daemon.pid)"))
      }
      #expect(Files.status(daemon.segmentPath)?.st_ino == before?.st_ino)
      #expect(Files.status(daemon.segmentPath)?.st_size == before?.st_size)
      #expect(try filled.survivors() == filled.liveCount)
      _ = try daemon.audit()
    }
  }
}

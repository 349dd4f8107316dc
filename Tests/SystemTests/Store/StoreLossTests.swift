import Glibc
import Testing

@Suite("A database that is deleted, moved away or replaced under its daemon")
struct StoreLossTests {
  enum Loss: CaseIterable {
    case deleted, moved, replaced

    func happen(to directory: String) throws {
      let path = "\(directory)/sessions.db"
      switch self {
      case .deleted: for name in Files.names(in: directory) { unlink("\(directory)/\(name)") }
      case .moved:
        for name in Files.names(in: directory) {
          try check(rename("\(directory)/\(name)", "\(directory)/old-\(name)"), "rename")
        }
      case .replaced:
        // One of the same number, as it was before; the log of the other one lies beside it.
        try Files.write(Files.read(path), to: "\(path).backup")
        try check(rename("\(path).backup", path), "rename")
      }
    }
  }

  @Test(
    "it is noticed and told; another one gets all that is in memory, and what is acknowledged from then on",
    arguments: Loss.allCases, ["behind", "through"])
  func lost(loss: Loss, durability: String) throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let daemon = try DaemonProcess.start(
        in: directory,
        DaemonOptions(arguments: [
          "--store", "sqlite:\(state)/sessions.db", "--max-memory", "8M", "--shards", "2", "--flush-every",
          "100ms",
          "--durability", durability,
        ]))
      defer { daemon.kill() }
      for session in 0..<50 { _ = try daemon.ask("SET before\(session) a \(session)").version }
      #expect(try daemon.ask("REVOKE before0") == "OK 1")
      try daemon.waitUntilSaved()
      try loss.happen(to: state)
      // Writes are acknowledged at once (behind), or as soon as there is a database (through).
      for session in 0..<50 {
        try eventually("it takes changes") {
          try daemon.ask("SET after\(session) a \(session)").errorCode == nil
        }
      }
      try eventually("it has noticed") { daemon.warnings.contains { $0.contains("while it was open") } }
      try eventually("it is back") { daemon.standardError.contains("the store is back") }
      try daemon.waitUntilSaved()
      // Once that it is away, and once what was done about it.
      #expect(daemon.warnings.count == 2, "\(daemon.warnings)")
      daemon.killWithSegment()
      try daemon.restart()
      for session in 0..<50 {
        #expect(try daemon.ask("GET after\(session) a") == "OK \(session)")
        #expect(try daemon.ask("GET before\(session) a") == (session == 0 ? "NIL" : "OK \(session)"))
      }
      #expect(try daemon.ask("SET before0 a 1").errorCode == "revoked")
    }
  }

  @Test("at rest it is noticed as well, and all is there again")
  func atRest() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let daemon = try DaemonProcess.start(
        in: directory,
        DaemonOptions(arguments: [
          "--store", "sqlite:\(state)/sessions.db", "--max-memory", "8M", "--shards", "2", "--flush-every",
          "100ms",
        ]))
      defer { daemon.kill() }
      _ = try daemon.ask("SET s a 1").version
      try daemon.waitUntilSaved()
      try Loss.deleted.happen(to: state)
      try eventually("it is back") { daemon.standardError.contains("the store is back") }
      try daemon.waitUntilSaved()
      daemon.killWithSegment()
      try daemon.restart()
      #expect(try daemon.ask("GET s a") == "OK 1")
    }
  }
}

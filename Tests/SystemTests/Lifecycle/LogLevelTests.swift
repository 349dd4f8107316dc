import Glibc
import Testing

@Suite("The log level is the whole daemon's, and SIGHUP changes it")
struct LogLevelTests {
  /// Changes the level, and a time to live by which it can be seen that the change is done.
  private func setLevel(_ level: String, ttl: Int, _ daemon: DaemonProcess, _ witness: RawConnection) throws {
    try Files.write("log-level=\(level)\nttl=\(ttl)\n", to: daemon.configurationPath)
    try daemon.signal(SIGHUP)
    try eventually("the new configuration holds") {
      _ = try witness.request("DEL s1")
      _ = try witness.request("SET s1 a 1").version
      return try witness.request("INFO s1").number("idle") == Double(ttl)
    }
  }

  /// A connection that ends with a reset, since its reply was never read.
  private func reset(_ daemon: DaemonProcess, _ witness: RawConnection) throws {
    let client = try daemon.connect()
    try client.send("PING\n")
    try client.waitForReply()
    client.close()
    try daemon.waitUntilAlone(witness)
  }

  @Test("debug tells of reset connections, error no longer of clients that are turned away")
  func levels() throws {
    try withDaemon("--max-connections-per-user", "2") { daemon in
      let witness = try daemon.connect()
      try daemon.waitUntilAlone(witness)
      try reset(daemon, witness)
      #expect(!daemon.standardError.contains("connection closed"))

      try setLevel("debug", ttl: 100, daemon, witness)
      try reset(daemon, witness)
      #expect(daemon.standardError.contains("connection closed"))

      try setLevel("error", ttl: 200, daemon, witness)
      let logged = daemon.standardError.count
      let second = try daemon.connect()
      #expect(try second.readsPong())
      for _ in 0..<3 { #expect(try !daemon.connect().readsPong()) }
      second.close()
      try daemon.waitUntilAlone(witness)
      try reset(daemon, witness)
      // An error, by which it can be seen that the lines before it were not written.
      try Files.write("ttl=never\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("it says so") { daemon.standardError.count > logged }
      let lines = daemon.standardError.dropFirst(logged).split(separator: "\n")
      #expect(lines.count == 1 && lines[0].hasPrefix("<3>") && lines[0].contains("ttl"), "\(lines)")
    }
  }
}

import Testing

@Suite("A process that goes on with a session that another one ended")
struct OtherProcessTests {
  /// Starts it, and waits until it is at work.
  private func start(_ daemon: DaemonProcess, _ reads: ProbeProcess.ReadWay) throws -> ProbeProcess {
    let connection = try daemon.connect()
    _ = try connection.request("SET s1 w -1").version
    let probe = try ProbeProcess(
      "persist", name: "persister", daemon: daemon, reads: reads, seconds: 60, ["session=s1"])
    try eventually("it writes") {
      try probe.check()
      return try connection.request("GET s1 w").okNumber > 10
    }
    return probe
  }

  @Test(
    "has every change refused after a REVOKE, and reads nothing",
    arguments: [ProbeProcess.ReadWay.socket, .both])
  func revoked(reads: ProbeProcess.ReadWay) throws {
    try withDaemon { daemon in
      let probe = try start(daemon, reads)
      let connection = try daemon.connect()
      #expect(try connection.request("REVOKE s1") == "OK 1")
      #expect(try connection.request("EXISTS s1") == "OK false")
      let counts = try probe.finish(within: 70)
      #expect(counts["writes", default: 0] > 10)
      #expect(counts["refused", default: 0] >= 100)
      #expect(counts["readable"] == 0)
      #expect(try connection.request("EXISTS s1") == "OK false")
      #expect(try connection.request("EXISTS s1-late") == "OK false")
      #expect(try connection.request("TAGGED late") == "OK []")
      #expect(try connection.request("STATS").number("sessions") == 0)
    }
  }

  @Test(
    "reads on for the grace of a RENAME, while its changes are refused, and not a moment shorter",
    arguments: [ProbeProcess.ReadWay.socket, .both])
  func renamed(reads: ProbeProcess.ReadWay) throws {
    try withDaemon { daemon in
      let probe = try start(daemon, reads)
      let connection = try daemon.connect()
      let begin = secondsSinceBoot()
      #expect(try connection.request("RENAME s1 s2 GRACE 0.5") == #"OK "s2""#)
      let written = try connection.request("GET s2 w")
      let counts = try probe.finish(within: 70)
      #expect(counts["readable", default: 0] > 0)
      #expect(counts["refused", default: 0] >= 100)
      #expect(Double(counts["gone_at", default: 0]) / 1e9 >= begin + 0.5)
      #expect(try connection.request("GET s2") == "OK {\"w\":\(written.dropFirst(3))}")
      #expect(try connection.request("EXISTS s1-late") == "OK false")
      #expect(try connection.request("TAGGED late") == "OK []")
    }
  }
}

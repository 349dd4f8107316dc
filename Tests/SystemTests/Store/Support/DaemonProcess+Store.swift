import Glibc

extension DaemonProcess {
  /// What STATS says of the store: its member `store` and all that follows.
  func storeStatistics() throws -> String {
    let statistics = try ask("STATS")
    guard let found = statistics.firstRange(of: "\"store\":{") else {
      throw Failure("no store: \(statistics)")
    }
    return String(statistics[found.upperBound...])
  }

  /// How often the log says that the store went away; that it is still being opened at the start is no outage.
  var storeOutages: Int {
    output.split(separator: "\n").count {
      $0.contains("the store is away: ") && !$0.contains("still being opened")
    }
  }

  /// How often the log says that the store is there and takes nothing.
  var storeRefusals: Int {
    output.split(separator: "\n").count { $0.contains("the store takes no changes: ") }
  }

  /// How often the log says that the store is back.
  var storeReturns: Int { output.split(separator: "\n").count { $0.contains("the store is back ") } }

  /// Waits until the store answers it. That it takes changes again may be told later.
  func waitForStore() throws {
    try eventually("the store is back: \(standardError)", within: 40) {
      try !storeStatistics().contains("\"state\":\"away\"")
    }
  }

  /// Waits until the store has all that it was to have.
  func waitUntilSaved() throws {
    try eventually("everything is saved: \(standardError)", within: 40) {
      try storeStatistics().number("unsaved") == 0
    }
  }

  /// kill -9, and the segment with it, as a power cut does.
  func killWithSegment() {
    kill()
    unlink(segmentPath)
  }

  /// Ends strace(1), which lets go of it.
  func detachTracer() throws {
    guard let tracer = try facts.tracer else { throw Failure("nobody traces it") }
    try check(Glibc.kill(tracer, SIGTERM), "kill")
    try eventually("nobody traces it") { try facts.tracer == nil }
  }
}

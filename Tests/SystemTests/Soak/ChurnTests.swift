import Synchronization
import Testing

@Suite("Sessions and connections that come and go, with a database behind the cache")
struct ChurnTests {
  /// Eight seconds; 30 with SESSIOND_LONG_TESTS=1; or what SESSIOND_SOAK_SECONDS says (`make soak`: an hour).
  private static let seconds =
    Programs.environment("SESSIOND_SOAK_SECONDS").flatMap(Double.init) ?? (Programs.runsLongTests ? 30 : 8)
  private static let clients = 4
  /// In all, a second.
  private static let rate = 10_000.0

  @Test("descriptors, memory, segment and database stay where they were after the first third of the time")
  func levelsOff() throws {
    // Everything has ended and begun again a few times before anything is compared.
    let ttl = (min(30, max(0.5, Self.seconds / 12)) * 10).rounded() / 10
    try TemporaryDirectory.with { directory in
      let database = directory.file("sessions.db")
      let options = DaemonOptions(
        arguments: [
          "--store", "sqlite:\(database)", "--max-memory", "64M", "--flush-every", "200ms", "--ttl",
          "\(Int(ttl * 1000))ms",
        ])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let socket = daemon.socketPath
      let isOver = Atomic<Bool>(false)
      let answered = Atomic<Int>(0)
      let load = try StartedThreads(Self.clients) { index in
        var client = ChurnClient(
          socket: socket, ttl: ttl, rate: Self.rate / Double(Self.clients), seed: 36 + UInt64(index))
        try client.run(until: isOver, counting: answered)
      }
      defer { isOver.store(true, ordering: .relaxed) }
      var samples: [[FootprintSample]] = []
      var requests: [Int] = []
      for _ in 0..<3 {
        let before = answered.load(ordering: .relaxed)
        samples.append(try watch(daemon, database, for: Self.seconds / 3, load))
        requests.append(answered.load(ordering: .relaxed) - before)
        report(samples)
      }
      isOver.store(true, ordering: .relaxed)
      try load.join()
      #expect(answered.load(ordering: .relaxed) > 1000)
      compare(samples[1], samples[2], load: max(1, Double(requests[2]) / Double(max(1, requests[1]))))
      #expect(daemon.warnings == [])
      try levelsOffAtRest(daemon, ttl)
      print("churn: \(answered.load(ordering: .relaxed)) requests in \(Self.seconds) s")
    }
  }

  private func watch(
    _ daemon: DaemonProcess, _ database: String, for seconds: Double, _ load: StartedThreads
  ) throws -> [FootprintSample] {
    let end = secondsSinceBoot() + seconds
    var samples: [FootprintSample] = []
    repeat {
      pause(milliseconds: UInt32(max(50, min(5_000, seconds * 1000 / 20))))
      if let error = load.error { throw error }
      samples.append(try .take(of: daemon, database: database))
    } while secondsSinceBoot() < end
    return samples
  }

  private func report(_ samples: [[FootprintSample]]) {
    let last = samples[samples.count - 1]
    print(
      "churn, third \(samples.count): \(last.most(\.descriptors)) descriptors, \(last.most(\.ownBytes) >> 10) KiB own, "
        + "\(last.most(\.segmentBytes) >> 10) KiB of segment, \(last.most(\.databaseBytes) >> 10) KiB of database"
    )
  }

  /// An eighth more is the scatter of a random load; a leak that matters in an hour is more than that.
  ///
  /// - Parameter load: how many times the requests there were, if the machine had more time for them in the end: then
  ///   there are more sessions, too.
  private func compare(_ before: [FootprintSample], _ after: [FootprintSample], load: Double) {
    // Connections that come overlap those that go.
    #expect(after.most(\.descriptors) <= before.most(\.descriptors) + Self.clients)
    let parts: [(KeyPath<FootprintSample, Int>, slack: Int)] = [
      (\.ownBytes, 4 << 20), (\.segmentBytes, 1 << 20), (\.databaseBytes, 16 << 20),
    ]
    for (part, slack) in parts {
      let (earlier, later) = (Int(Double(before.most(part)) * load), after.most(part))
      #expect(later <= earlier + earlier / 8 + slack, "\(part): \(earlier), then \(later)")
    }
  }

  /// When all sessions have ended, what they took is there again.
  private func levelsOffAtRest(_ daemon: DaemonProcess, _ ttl: Double) throws {
    let connection = try daemon.connect()
    try daemon.waitUntilAlone(connection)
    try eventually("all sessions end by their time", within: 20 + 3 * ttl) {
      let statistics = try connection.request("STATS")
      return try statistics.number("sessions") == 0 && statistics.number("marks") == 0
    }
    // Behind them go what the store has yet to hear of their ends, and pages of the index.
    try eventually("what they took is there again", within: 20) {
      let statistics = try connection.request("STATS")
      return try statistics.number("used") < statistics.number("limit") / 16
    }
  }
}

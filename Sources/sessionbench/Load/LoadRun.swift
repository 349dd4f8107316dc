import SystemCalls

/// A load from its first connection to its result.
struct LoadRun {
  /// Who makes the requests.
  private enum Work {
    case threads([LoadWorker])
    case client(ClientLoop)
  }

  private let settings: LoadSettings
  private let clock = BootClock.system
  private let work: Work

  /// Connects, where the client library does not do that by itself.
  init(_ settings: LoadSettings) throws {
    self.settings = settings
    let order = WorkOrder(
      sessions: settings.sessions, settings.keys, exponent: settings.exponent, reads: settings.reads,
      seed: settings.seed)
    if settings.client == .raw {
      work = .threads(try Self.loops(settings, order).map { LoadWorker($0) })
    } else {
      work = .client(
        ClientLoop(
          socket: settings.socket, mapped: settings.client == .mapped,
          busyPoll: settings.poll.map { Duration.microseconds($0) }, first: settings.first,
          sessions: settings.sessions, settings.sizes, order))
    }
  }

  private static func loops(_ settings: LoadSettings, _ order: WorkOrder) throws -> [any RequestLoop] {
    let wire = settings.server.wire
    let book = try RequestBook(
      settings.server, first: settings.first, sessions: settings.sessions, settings.sizes)
    if settings.connections == 1, settings.depth == 1, settings.rate == 0 {
      let poll = UInt64(settings.pollMicroseconds) * 1000
      return [try SingleLoop(socket: settings.socket, wire, book, order, pollNanoseconds: poll)]
    }
    let (each, rest) = settings.connections.quotientAndRemainder(dividingBy: settings.threads)
    return try (0..<settings.threads).map { part in
      try EpollLoop(
        socket: settings.socket, wire, book, order.part(part, of: settings.threads),
        connections: each + (part < rest ? 1 : 0), depth: settings.depth)
    }
  }

  /// Warms up, measures, and tells.
  nonisolated(nonsending) func measure() async throws -> LoadResult {
    if settings.warmUpNanoseconds > 0 { _ = try await phase(settings.warmUpNanoseconds) }
    let serverBefore = try serverTime()
    var stopwatch = Stopwatch()
    stopwatch.start()
    let latencies = try await phase(settings.nanoseconds)
    stopwatch.stop()
    let server = try serverTime().map { $0 - (serverBefore ?? 0) }
    guard latencies.count > 0 else { throw BenchmarkFailure("there was no time for a single request") }
    return LoadResult(
      settings: settings, latencies: latencies, nanoseconds: max(1, stopwatch.nanoseconds),
      serverNanoseconds: server, ownNanoseconds: stopwatch.processorNanoseconds)
  }

  private func serverTime() throws -> Int64? {
    try settings.process.map { try ProcessorTime.nanoseconds(of: $0) }
  }

  /// Makes requests for so long.
  nonisolated(nonsending) private func phase(_ nanoseconds: Int64) async throws -> Latencies {
    let start = clock.now()
    switch work {
    case .client(let loop): return try await loop.run(pacing(start, nanoseconds, 0))
    case .threads(let workers): return try together(workers) { pacing(start, nanoseconds, $0) }
    }
  }

  /// Lets each have a thread; the first one has this.
  private func together(_ workers: [LoadWorker], _ pacing: (_ part: Int) -> Pacing) throws -> Latencies {
    var threads: [ServiceThread] = []
    defer { for thread in threads { thread.join() } }
    for part in 1..<max(1, workers.count) {
      let worker = workers[part]
      let its = pacing(part)
      threads.append(try ServiceThread(name: "load-\(part)") { worker.run(its) })
    }
    workers[0].run(pacing(0))
    for thread in threads { thread.join() }
    threads = []
    var all = Latencies()
    for worker in workers { all.add(try worker.result()) }
    return all
  }

  private func pacing(_ start: Int64, _ nanoseconds: Int64, _ part: Int) -> Pacing {
    guard settings.rate > 0 else { return .closed(end: start + nanoseconds) }
    return .open(
      OpenSchedule(
        start: start, rate: settings.rate, nanoseconds: nanoseconds, part: part, of: settings.threads))
  }
}

import SessionClient
import SystemCalls

/// One request at a time by way of the client library: over the socket, or reads out of the daemon's memory.
final class ClientLoop {
  private let sessions: SessionClient
  private let ids: [String]
  private let sizes: ValueSizes
  private let values: [String]
  private let isMapped: Bool
  private let clock: BootClock
  private var order: WorkOrder

  /// - Parameters:
  ///   - busyPoll: for how long the client looks for a reply; nil: as it does by itself.
  ///   - first: the number of the first session.
  ///   - count: how many there are.
  init(
    socket: String, mapped: Bool, busyPoll: Duration?, first: Int, sessions count: Int, _ sizes: ValueSizes,
    _ order: WorkOrder, clock: BootClock = .system
  ) {
    var options = SessionClient.Options(mapping: mapped ? .automatic : .off)
    if let busyPoll { options.busyPoll = busyPoll }
    sessions = SessionClient(socket: socket, options: options)
    ids = (first..<first + count).map(SessionShape.id)
    self.sizes = sizes
    values = sizes.bytes.map(RequestBook.value)
    isMapped = mapped
    self.clock = clock
    self.order = order
  }

  /// Makes requests for as long as the pacing has some.
  ///
  /// - Returns: how long each of them took.
  nonisolated(nonsending) func run(_ pacing: Pacing) async throws -> Latencies {
    var pacing = pacing
    var latencies = Latencies()
    var now = clock.now()
    while let moment = pacing.take(at: now) {
      let request = order.next()
      if request.isWrite {
        let value = values[request.session % values.count]
        try await sessions.set(ids[request.session], SessionShape.valueKey, value)
      } else {
        try await read(request.session)
      }
      now = clock.now()
      latencies.record(now - moment)
    }
    return latencies
  }

  nonisolated(nonsending) private func read(_ session: Int) async throws {
    let id = ids[session]
    let count: Int?
    if isMapped {
      count = try sessions.blocking.withJSON(id, SessionShape.valueKey) { $0.count - 2 }
    } else {
      let value: String? = try await sessions.get(id, SessionShape.valueKey)
      count = value?.utf8.count
    }
    guard count == sizes.bytes(of: session) else { throw BenchmarkFailure.wrong(id) }
  }
}

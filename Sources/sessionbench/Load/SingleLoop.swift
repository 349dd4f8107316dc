import SystemCalls

/// One connection and one request at a time, by a thread that blocks in recv(2): a program with nothing else to do. It may
/// look for the reply for a while before it sleeps (`AdaptivePolling`).
final class SingleLoop: RequestLoop {
  private static let receiveBytes = 256 * 1024

  private let socket: LoadSocket
  private let book: RequestBook
  private let clock: BootClock
  private var order: WorkOrder
  private var cutter: ReplyCutter
  private var polling: AdaptivePolling
  private var preemption = Preemption()
  private var bytes: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: SingleLoop.receiveBytes)

  /// - Parameter pollNanoseconds: for how long it may look for a reply; 0: not at all.
  init(
    socket path: String, _ wire: Wire, _ book: RequestBook, _ order: WorkOrder, pollNanoseconds: UInt64,
    clock: BootClock = .system
  ) throws {
    socket = try LoadSocket(path)
    self.book = book
    self.clock = clock
    self.order = order
    cutter = ReplyCutter(wire)
    polling = AdaptivePolling(budget: pollNanoseconds)
  }

  func run(_ pacing: Pacing, _ latencies: inout Latencies) throws {
    var pacing = pacing
    var now = clock.now()
    while let moment = pacing.take(at: now) {
      bytes.removeAll(keepingCapacity: true)
      book.append(order.next(), to: &bytes)
      _ = try socket.send(bytes, 0..<bytes.count, waiting: true)
      var isMissing = true
      while isMissing {
        let count = try receive()
        isMissing = try cutter.cut(buffer, count) == 0
      }
      now = clock.now()
      latencies.record(now - moment)
    }
  }

  /// - Returns: how many bytes came.
  private func receive() throws -> Int {
    guard polling.budget > 0 else { return try block() }
    let start = clock.now()
    let (found, isHeldUp) = try look(from: start)
    let count = try found ?? block()
    let now = clock.now()
    polling.came(after: UInt64(clamping: now - start), isFound: found != nil && !isHeldUp, at: now)
    return count
  }

  private func block() throws -> Int {
    guard let count = try socket.receive(into: &buffer, waiting: true) else { throw BenchmarkFailure.silence }
    return count
  }

  /// Looks for bytes for as long as is sensible now.
  ///
  /// - Returns: how many came, if any; whether others had the processor meanwhile.
  private func look(from start: Int64) throws -> (count: Int?, isHeldUp: Bool) {
    let patience = Int64(clamping: polling.patience)
    guard patience > 0 else { return (nil, false) }
    var last = start
    preemption.note(at: start)
    while true {
      let count = try socket.receive(into: &buffer, waiting: false)
      let now = clock.now()
      if now - last > Int64(AdaptivePolling.heldUpAfter), preemption.happened(by: now) {
        polling.heldUp(for: UInt64(now - last))
        return (count, true)
      }
      if let count { return (count, false) }
      if now - start >= patience {
        polling.foundNothing()
        return (nil, false)
      }
      last = now
    }
  }
}

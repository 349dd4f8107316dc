import CLinux
import Glibc
import SystemCalls

/// A thread that hears from the server what others change, and asks all connections each second whether they are there.
///
/// When something is amiss it says `lost`, and again every second until it is stopped, so that it can't be overheard by
/// an owner who is about to open.
final class InvalidationChannel: Sendable {
  private static let second: Int64 = 1_000_000_000

  private struct State: ~Copyable {
    var connection: RedisConnection?
    var reader: InvalidationReader
  }

  /// Taken by the thread for as long as it runs.
  private let state: Guarded<State>
  private let isStopping = Guarded(false)
  private let lossReason = Guarded<String?>(nil)
  private let wake: WakeSignal
  private let lanes: [RedisLane]
  private let listener: WeakListener
  private let counts: Guarded<StoreStatistics>

  init(
    _ connection: consuming RedisConnection, reader: InvalidationReader, lanes: [RedisLane],
    counts: Guarded<StoreStatistics>, listener: WeakListener
  ) throws(SystemCallError) {
    wake = try WakeSignal()
    state = Guarded(State(connection: consume connection, reader: reader))
    self.lanes = lanes
    self.counts = counts
    self.listener = listener
  }

  /// Starts the thread; `stop` waits for its end.
  func start() throws(SystemCallError) -> ServiceThread {
    try ServiceThread(name: "store-channel") { self.run() }
  }

  /// Why it hears nothing any more; nil as long as it does.
  var loss: String? { lossReason.withLock { $0 } }

  func stop(_ thread: ServiceThread) {
    isStopping.withLock { $0 = true }
    wake.raise()
    thread.join()
  }

  private var mustStop: Bool { isStopping.withLock { $0 } }

  private func run() {
    state.withLock { state in
      let reason = listen(&state)
      state.connection = nil
      guard let reason else { return }
      lossReason.withLock { $0 = reason }
      listener.value?.lost(reason)
      for lane in lanes { lane.drop(reason) }
    }
    while !mustStop {
      waitForWake(until: linux_boottime_ns() + Self.second)
      guard !mustStop, let reason = loss else { return }
      listener.value?.lost(reason)
    }
  }

  /// Until it is stopped (nil) or the channel is lost (why).
  private func listen(_ state: inout State) -> String? {
    var nextProbe = linux_boottime_ns() + Self.second
    // When the answer to the question under way must be there.
    var due: Int64?
    while !mustStop {
      let number = state.connection?.descriptor ?? -1
      waitForWake(until: min(nextProbe, due ?? nextProbe), or: number)
      do throws(RedisFailure) {
        if try hear(&state) { due = nil }
        let now = linux_boottime_ns()
        if let due, now >= due { return "the server does not answer" }
        guard now >= nextProbe else { continue }
        nextProbe = now + Self.second
        if due == nil {
          try state.connection?.send([RedisCommand("PING")])
          due = now + (state.connection?.timeout ?? 0)
        }
        for lane in lanes { if let reason = lane.probeUnlessBusy() { return reason } }
      } catch { return error.reason }
    }
    return nil
  }

  /// Takes what has come, and tells of it.
  ///
  /// - Returns: whether the answer to a question was there.
  private func hear(_ state: inout State) throws(RedisFailure) -> Bool {
    var replies: [RedisReply] = []
    try state.connection?.receive(into: &replies)
    var isAnswered = false
    for reply in replies {
      switch state.reader.event(of: reply) {
      case .changed(let ids):
        guard !ids.isEmpty else { continue }
        counts.withLock { $0.invalidations += ids.count }
        listener.value?.changed(ids)
      case .flushed: listener.value?.missedChanges()
      case .pong: isAnswered = true
      case .other: break
      case nil:
        if case .error(let text) = reply { throw .broken(text) }
        throw .broken("the server sends what was not subscribed to")
      }
    }
    return isAnswered
  }

  /// Until then, or until it is woken, or a descriptor can be read.
  private func waitForWake(until moment: Int64, or descriptor: Int32 = -1) {
    // poll(2) passes over negative numbers.
    var entries = [
      pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let left = max(0, moment - linux_boottime_ns())
    // Interrupted, it comes back early, and its caller looks around and waits again.
    _ = poll(&entries, 2, Int32(clamping: (left + 999_999) / 1_000_000))
  }
}

import SessionCache
import SystemCalls

/// The thread that reclaims sessions whose time is over. It sleeps until the next one is due, or until
/// the cache wakes it because an earlier one came.
final class Reclaimer: @unchecked Sendable {
  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var isWoken = false
  private var isStopped = false
  private let clock: BootClock
  private let stall: TestStall?
  /// When the thread began to work, or last rested; its own.
  private var workBegan: Int64 = 0
  private static let workNanoseconds: Int64 = 100_000
  let progress = Progress(name: "reclaimer")

  init(clock: BootClock, stall: TestStall?) {
    self.clock = clock
    self.stall = stall
  }

  /// From any thread: go round now.
  func wake() {
    lock.withLock {
      isWoken = true
      lock.signal()
    }
  }

  func stop() {
    lock.withLock {
      isStopped = true
      lock.signal()
    }
  }

  func run(_ cache: SessionCache) {
    var next = Int64.max
    while sleep(until: min(next, stall?.moment ?? .max)) {
      progress.answer()
      stall?.blockIfDue(.reclaimer, at: clock.now())
      workBegan = clock.now()
      next = cache.sweep(at: clock.now(), clock: clock.now, rest: restIfDue) {
        progress.answer()
        cache.events.wakeListeners()
        return !lock.withLock { isStopped }
      }
      cache.events.wakeListeners()
    }
  }

  /// After some work it sleeps for as long: where very many sessions end at once, whoever waits for a processor would wait
  /// for as long as the kernel lets a thread run, which is milliseconds.
  private func restIfDue() {
    guard clock.now() - workBegan >= Self.workNanoseconds else { return }
    lock.withLock {
      if !isStopped { lock.wait(nanoseconds: Self.workNanoseconds) }
    }
    workBegan = clock.now()
  }

  /// Until the moment, or until woken; false when it is time to stop.
  private func sleep(until moment: Int64) -> Bool {
    lock.withLock {
      while !isWoken, !isStopped {
        let now = clock.now()
        if now >= moment { break }
        lock.wait(nanoseconds: moment == .max ? nil : moment - now)
      }
      isWoken = false
      return !isStopped
    }
  }
}

import Logging
import SystemCalls

/// A message that is logged at most once a minute, with how often its cause came up meanwhile.
final class RateLimitedLog: @unchecked Sendable {
  private static let interval: Int64 = 60_000_000_000

  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var lastLogged: Int64?
  private var suppressed = 0
  private let logger: Logger
  private let level: Logger.Level
  private let clock: BootClock

  init(_ logger: Logger, level: Logger.Level, clock: BootClock) {
    self.logger = logger
    self.level = level
    self.clock = clock
  }

  func log(_ message: @autoclosure () -> String) {
    let now = clock.now()
    let count: Int? = lock.withLock {
      if let lastLogged, now - lastLogged < Self.interval {
        suppressed += 1
        return nil
      }
      defer { suppressed = 0 }
      lastLogged = now
      return suppressed
    }
    guard let count else { return }
    logger.log(level: level, "\(message())\(count > 0 ? " (and \(count) times before)" : "")")
  }
}

/// When to try to connect again: exponential steps with jitter, so that the clients of a daemon that
/// restarts don't all come at the same moment.
struct Backoff {
  typealias Instant = ContinuousClock.Instant

  /// The first pause is shorter than a restart takes, so that none is waited for needlessly.
  static let pauseMin = Duration.milliseconds(5)
  /// The longest pause: an attempt costs one failing system call.
  static let pauseMax = Duration.milliseconds(500)

  private var failures = 0
  private var nextAttempt: Instant?

  /// When the next attempt may be made; nothing stands for at once.
  var pausedUntil: Instant? { nextAttempt }

  func allowsAttempt(at now: Instant) -> Bool {
    guard let nextAttempt else { return true }
    return now >= nextAttempt
  }

  /// Takes note of a failure. The pause is between half of its step and the whole, by `jitter`, a number
  /// from 0 to 1.
  mutating func failed(at now: Instant, jitter: Double) {
    let doublings = min(failures, 16)
    failures += 1
    let step = min(Self.pauseMin * (1 << doublings), Self.pauseMax)
    nextAttempt = now + step * (0.5 + 0.5 * min(max(jitter, 0), 1))
  }

  /// Takes note of an answer: the next failure starts with the shortest pause again.
  mutating func succeeded() {
    failures = 0
    nextAttempt = nil
  }
}

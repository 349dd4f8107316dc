/// When an update that met others' changes is tried again: after a pause of random length, whose bound doubles
/// each time ("full jitter"), so that those who collided don't collide again.
struct UpdateRetries: Sendable {
  /// So many attempts are made. With as many rivals as a machine has processors hardly any update needs ten.
  static let attemptsMost = 60
  /// The bound of the first pause is about as long as an attempt takes.
  static let pauseFirst = Duration.microseconds(100)
  /// No pause is longer.
  static let pauseMost = Duration.milliseconds(20)

  private var attempts = 1
  private let random: @Sendable () -> Double
  private let sleep: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - random: a number from 0 to 1.
  ///   - sleep: waits for so long, and throws when the task is cancelled.
  init(
    random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.random = random
    self.sleep = sleep
  }

  /// Waits until the next attempt is due.
  ///
  /// - Throws: the error if that was the last attempt.
  mutating func pause(after error: SessionError) async throws {
    guard attempts < Self.attemptsMost else { throw error }
    // 2^8 times the first bound is beyond the last one.
    let bound = min(Self.pauseFirst * (1 << min(attempts - 1, 8)), Self.pauseMost)
    attempts += 1
    try await sleep(bound * min(max(random(), 0), 1))
  }
}

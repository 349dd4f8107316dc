import SystemCalls

/// Tells the supervisor, from any thread, that STATUS= has something new to say.
final class StatusChange: Sendable {
  let signal: WakeSignal

  init() throws(SystemCallError) {
    signal = try WakeSignal()
  }

  func tell() { signal.raise() }
}

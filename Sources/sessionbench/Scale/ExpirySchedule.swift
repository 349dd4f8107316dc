/// When each of many sessions ends: evenly over a stretch of time.
struct ExpirySchedule: Equatable {
  let sessions: Int
  /// Nanoseconds of CLOCK_BOOTTIME, and nanoseconds.
  let start: Int64
  let spread: Int64

  /// All sessions are over.
  var end: Int64 { start + spread }

  /// Of the session with this place among them, 0 to `sessions` - 1.
  func deadline(of place: Int) -> Int64 {
    start + Int64(Double(spread) * Double(place) / Double(sessions))
  }

  /// How long it has left; nil if that is less than the daemon can be told, a millisecond.
  func timeLeft(of place: Int, at now: Int64) -> Duration? {
    let left = deadline(of: place) - now
    return left >= 1_000_000 ? Duration.nanoseconds(left) : nil
  }

  /// How long the first session must have from now on, so that all can be given their deadlines before: twice as long
  /// as it takes at the pace of a sample.
  static func lead(sessions: Int, sample: Int, sampleNanoseconds: Int64) -> Int64 {
    2 * Int64(Double(sampleNanoseconds) * Double(sessions) / Double(sample))
  }
}

/// Times as poll(2) takes them.
enum PollTime {
  /// How long to wait until an instant: rounded up, so that nobody wakes before it; nothing: for ever.
  static func milliseconds(until instant: ContinuousClock.Instant?) -> Int32 {
    guard let instant else { return -1 }
    let duration = ContinuousClock.Instant.now.duration(to: instant)
    if duration <= .zero { return 0 }
    let (seconds, attoseconds) = duration.components
    let longest = Int64(Int32.max) / 1000 - 1
    return Int32(min(seconds, longest) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
  }
}

extension Duration {
  /// Whole nanoseconds, exactly. The duration is of 292 years at most.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

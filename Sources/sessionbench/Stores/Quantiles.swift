/// What a part of many times took at most.
struct Quantiles {
  private let sorted: [Int32]

  /// Nanoseconds, at least one.
  init(_ nanoseconds: [Int32]) {
    sorted = nanoseconds.sorted()
  }

  /// In microseconds.
  func microseconds(_ part: Double) -> Double {
    Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]) / 1000
  }
}

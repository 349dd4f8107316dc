import Histogram

/// How long requests took, to three digits (HdrHistogram). Takes no memory after its beginning.
struct Latencies: Equatable, Sendable {
  /// Nanoseconds, an hour: whatever takes longer counts as that.
  private static let longest: UInt64 = 3_600_000_000_000

  private var histogram = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: Self.longest, numberOfSignificantValueDigits: .three)

  var count: Int { Int(histogram.totalCount) }

  /// - Parameter nanoseconds: below 0 it counts as 0.
  mutating func record(_ nanoseconds: Int64) {
    histogram.record(min(UInt64(clamping: nanoseconds), Self.longest))
  }

  mutating func add(_ other: Latencies) {
    histogram.add(other.histogram)
  }

  /// Nanoseconds that so many of a hundred requests took at most.
  func percentile(_ percent: Double) -> Int { Int(histogram.valueAtPercentile(percent)) }

  /// The same in microseconds.
  func microseconds(_ percent: Double) -> Double { Double(percentile(percent)) / 1000 }

  /// The longest one, in nanoseconds.
  var most: Int { Int(histogram.max) }
}

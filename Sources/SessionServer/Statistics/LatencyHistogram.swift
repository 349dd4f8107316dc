import Synchronization

/// How long something took, in nanoseconds, in buckets of which four divide each doubling: a
/// percentile is told with an error of at most a fifth. One thread records, any may read.
final class LatencyHistogram: Sendable {
  /// Two bits below the leading one, for 2^2 to 2^40 nanoseconds (18 minutes).
  private static let bucketCount = 40 * 4

  private let buckets = InlineArray<160, Atomic<UInt64>> { _ in Atomic(0) }
  private let total = Atomic<UInt64>(0)
  private let longest = Atomic<UInt64>(0)

  func record(_ nanoseconds: Int64) {
    let value = UInt64(max(0, nanoseconds))
    Self.add(1, to: buckets[Self.bucket(value)])
    Self.add(value, to: total)
    if value > longest.load(ordering: .relaxed) { longest.store(value, ordering: .relaxed) }
  }

  /// One thread writes, so a load and a store do: no other thread's count can be lost between them.
  @inline(__always)
  static func add(_ amount: UInt64, to counter: borrowing Atomic<UInt64>) {
    counter.store(counter.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  private static func bucket(_ value: UInt64) -> Int {
    guard value >= 4 else { return Int(value) }
    let exponent = UInt64.bitWidth - 1 - value.leadingZeroBitCount
    return min((exponent - 1) * 4 + Int(value >> UInt64(exponent - 2) & 3), bucketCount - 1)
  }

  /// The largest value that falls into a bucket.
  private static func upperBound(_ bucket: Int) -> UInt64 {
    guard bucket >= 4 else { return UInt64(bucket) }
    let (exponent, quarter) = ((bucket / 4) + 1, UInt64(bucket % 4))
    return (4 + quarter + 1) << UInt64(exponent - 2) - 1
  }

  var summary: Summary {
    var summary = Summary()
    summary.add(self)
    return summary
  }

  /// Several threads' recordings taken together.
  struct Summary: Equatable {
    var count: UInt64 = 0
    var total: UInt64 = 0
    var longest: UInt64 = 0
    private var buckets = [UInt64](repeating: 0, count: bucketCount)

    mutating func add(_ histogram: LatencyHistogram) {
      for index in buckets.indices {
        let hits = histogram.buckets[index].load(ordering: .relaxed)
        buckets[index] += hits
        count += hits
      }
      total += histogram.total.load(ordering: .relaxed)
      longest = max(longest, histogram.longest.load(ordering: .relaxed))
    }

    /// How many took less than 2^`exponent` nanoseconds: where buckets meet, so exactly so many.
    ///
    /// - Parameter exponent: 2 to 40.
    func count(belowPowerOfTwo exponent: Int) -> UInt64 {
      precondition((2...40).contains(exponent))
      return buckets[..<((exponent - 1) * 4)].reduce(0, +)
    }

    var mean: UInt64 { count == 0 ? 0 : total / count }

    /// The nanoseconds within which such a share of them was done.
    func percentile(_ share: Double) -> UInt64 {
      var rest = UInt64((Double(count) * share).rounded(.up))
      for (index, hits) in buckets.enumerated() {
        if hits >= rest, rest > 0 { return min(upperBound(index), longest) }
        rest -= min(rest, hits)
      }
      return longest
    }
  }
}

import TestSupport
import Testing

@testable import SessionServer

@Suite("The latency histogram")
struct LatencyHistogramTests {
  private func summary(_ values: [Int64]...) -> LatencyHistogram.Summary {
    var summary = LatencyHistogram.Summary()
    for values in values {
      let histogram = LatencyHistogram()
      for value in values { histogram.record(value) }
      summary.add(histogram)
    }
    return summary
  }

  @Test("tells percentiles that are never too low, and too high by a fifth at most")
  func percentiles() {
    var random = SplitMix64(seed: 77)
    for _ in 0..<300 {
      // Latencies of all magnitudes, up to 2^40 nanoseconds.
      let widest = Int64.random(in: 2...40, using: &random)
      let values = (0..<Int.random(in: 1...400, using: &random)).map { _ in
        Int64.random(in: 0..<(1 << Int64.random(in: 1...widest, using: &random)), using: &random)
      }
      let sorted = values.sorted().map { UInt64($0) }
      let summary = summary(values)
      for share in [0.001, 0.5, 0.9, 0.99, 1] {
        let rank = Int((Double(sorted.count) * share).rounded(.up))
        let (exact, told) = (sorted[rank - 1], summary.percentile(share))
        #expect(told >= exact)
        #expect(told - exact <= told / 5, "\(told) for \(exact)")
      }
      #expect(summary.longest == sorted.last)
      #expect(summary.percentile(1) == sorted.last)
      #expect(summary.count == UInt64(values.count))
      #expect(summary.mean == sorted.reduce(0, +) / UInt64(values.count))
    }
  }

  @Test("tells exactly how many were below a power of two")
  func belowPowersOfTwo() {
    var random = SplitMix64(seed: 78)
    let values = (0..<2000).map { _ in
      Int64.random(in: 0..<(1 << Int64.random(in: 1...40, using: &random)), using: &random)
    }
    let summary = summary(values)
    for exponent in 2...40 {
      let exact = values.count { $0 < 1 << Int64(exponent) }
      #expect(summary.count(belowPowerOfTwo: exponent) == UInt64(exact), "2^\(exponent)")
    }
  }

  @Test("tells the smallest times to the nanosecond")
  func small() {
    for value in 0..<8 as Range<Int64> {
      #expect(summary([value, 1 << 30]).percentile(0.5) == UInt64(value))
    }
  }

  @Test("takes several threads' recordings together")
  func together() {
    let all = summary([1, 100, 10_000], [50, 2_000_000])
    #expect(all == summary([1, 100, 10_000, 50, 2_000_000]))
    #expect(all.count == 5)
    #expect(all.longest == 2_000_000)
  }

  @Test("of nothing is all zeros")
  func empty() {
    let nothing = summary([])
    #expect((nothing.count, nothing.mean, nothing.longest) == (0, 0, 0))
    #expect(nothing.percentile(0.5) == 0)
  }

  @Test("survives times that no clock should give")
  func extremes() {
    let odd = summary([-1, .min, 0, .max])
    #expect(odd.count == 4)
    #expect(odd.percentile(0.5) == 0)
    #expect(odd.longest == UInt64(Int64.max))
  }
}

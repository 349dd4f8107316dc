import Glibc
import TestSupport
import Testing

@testable import sessionbench

@Suite("The distribution of Zipf")
struct ZipfTests {
  /// What the definition says of a rank, from 0.
  private func probability(_ rank: Int, of count: Int, _ exponent: Double) -> Double {
    let sum = (1...count).reduce(0.0) { $0 + 1 / pow(Double($1), exponent) }
    return 1 / pow(Double(rank + 1), exponent) / sum
  }

  @Test("gives each rank the part of the numbers from 0 to 1 that the definition says")
  func parts() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<50 {
      let count = 1 + random.pick(200)
      let exponent = Double(1 + random.pick(300)) / 100
      let zipf = Zipf(count: count, exponent: exponent)
      // The ranks follow each other, so a rank's part begins where those before it end.
      var start = 0.0
      for rank in 0..<count {
        let end = start + probability(rank, of: count, exponent)
        #expect(zipf.rank((start + end) / 2) == rank, "\(count) \(exponent)")
        start = end
      }
      #expect(abs(start - 1) < 1e-9)
    }
  }

  @Test("draws a first rank of two twice as often with the exponent 1, and as often with 0")
  func draws() {
    for (exponent, part) in [(1.0, 2.0 / 3), (0.0, 0.5)] {
      var random = SplitMix64(seed: 2)
      let zipf = Zipf(count: 2, exponent: exponent)
      let count = 100_000
      let first = (0..<count).count { _ in zipf.rank(Double.random(in: 0..<1, using: &random)) == 0 }
      // Six standard deviations.
      let deviation = 6 * (Double(count) * part * (1 - part)).squareRoot()
      #expect(abs(Double(first) - Double(count) * part) < deviation)
    }
  }

  @Test("has the first rank for 0, and the last one for the number before 1")
  func ends() {
    var random = SplitMix64(seed: 3)
    for count in [1, 2, 3, 1000, 1 + random.pick(50_000)] {
      let zipf = Zipf(count: count, exponent: 0.99)
      #expect(zipf.rank(0) == 0)
      #expect(zipf.rank(1.0.nextDown) == count - 1)
    }
  }
}

import Glibc

/// The distribution of Zipf over a number of ranks: the one of rank r has a weight of 1 / r to the power of the exponent
/// (Knuth, The Art of Computer Programming, 6.1). So a few sessions are used again and again, and most of them seldom.
struct Zipf: Sendable {
  /// For each rank the part of all draws that go to it or to one before it; rises, and the last one is 1.
  private let cumulative: [Double]

  /// - Parameters:
  ///   - count: how many ranks, at least one.
  ///   - exponent: 0 makes all ranks alike.
  init(count: Int, exponent: Double) {
    var sum = 0.0
    var cumulative: [Double] = []
    cumulative.reserveCapacity(count)
    for rank in 1...count {
      sum += pow(Double(rank), -exponent)
      cumulative.append(sum)
    }
    for index in cumulative.indices { cumulative[index] /= sum }
    self.cumulative = cumulative
  }

  /// The rank, from 0, that a number from 0 up to and without 1 stands for.
  func rank(_ unit: Double) -> Int {
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > unit { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

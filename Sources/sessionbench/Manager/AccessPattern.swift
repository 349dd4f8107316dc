import Glibc
import TestSupport

/// How a session is used: again after a gap, always the same one or a random one.
struct AccessPattern: Equatable, Sendable {
  enum Kind: String, CaseIterable, Sendable {
    /// The gap is always the same.
    case steady
    /// Uses are independent of each other, so that the gaps are spread exponentially around their mean.
    case random
  }

  let kind: Kind
  /// The session's idle time, and the mean gap, in milliseconds.
  let idle: Int
  let gap: Int

  /// So many gaps, in nanoseconds; the first one comes before the first use. They are whole milliseconds, one at
  /// least: uses that are nearer to each other need not all slide the idle time.
  func gaps(_ count: Int, _ random: inout SplitMix64) -> [Int64] {
    (0..<count).map { _ in
      switch kind {
      case .steady: return Int64(gap) * 1_000_000
      case .random:
        // From 0 on, and below 1, so that there is a logarithm.
        let part = Double.random(in: 0..<1, using: &random)
        return max(1, Int64((Double(gap) * -log(1 - part)).rounded())) * 1_000_000
      }
    }
  }

  /// How many uses must find the session that was put there by the use before, whose idle time slides with each: all
  /// whose gap is shorter, but for the first.
  func hits(_ gaps: [Int64]) -> Int {
    gaps.dropFirst().count(where: { $0 < Int64(idle) * 1_000_000 })
  }
}

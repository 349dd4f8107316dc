import TestSupport

/// Which session each request is about, and whether it writes: drawn beforehand, so that drawing takes no time while
/// the clock runs, and then used again and again.
struct WorkOrder: Sendable {
  struct Request: Equatable, Sendable {
    /// From 0.
    let session: Int
    let isWrite: Bool
  }

  /// Enough that no cache of a processor knows the order by heart, and for many sessions so many that most of them are
  /// met; 16 MB at most.
  private static let drawsLeast = 1 << 18
  private static let drawsMost = 1 << 22
  private static let writeBit: UInt32 = 1 << 31
  /// What fits beside that bit.
  static let sessionsMost = 1 << 30

  private let draws: [UInt32]
  private var place: Int

  /// - Parameters:
  ///   - reads: how many of a hundred requests read.
  ///   - exponent: that of `Zipf`.
  init(sessions: Int, _ keys: KeyDistribution, exponent: Double, reads: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let zipf = keys == .zipf ? Zipf(count: sessions, exponent: exponent) : nil
    let count = min(max(4 * sessions, Self.drawsLeast), Self.drawsMost)
    draws = (0..<count).map { _ in
      let session = zipf?.rank(Double.random(in: 0..<1, using: &random)) ?? random.pick(sessions)
      return UInt32(session) | (random.pick(100) < reads ? 0 : Self.writeBit)
    }
    place = 0
  }

  /// The same draws from another place on, for one of several threads.
  func part(_ number: Int, of parts: Int) -> WorkOrder {
    var part = self
    part.place = draws.count / parts * number
    return part
  }

  mutating func next() -> Request {
    let draw = draws[place]
    place += 1
    if place == draws.count { place = 0 }
    return Request(session: Int(draw & ~Self.writeBit), isWrite: draw & Self.writeBit != 0)
  }
}

/// A random sequence that its seed repeats (SplitMix64: Steele, Lea and Flood 2014), so that a failure
/// can be played again.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension SplitMix64 {
  /// A number below `count`.
  public mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

  /// A length from 0 to `most`: as often between 10 and 100 as between 10,000 and 100,000.
  public mutating func length(most: Int) -> Int {
    var length = most
    for _ in 0..<pick(14) { length /= 2 }
    return pick(length + 1)
  }
}

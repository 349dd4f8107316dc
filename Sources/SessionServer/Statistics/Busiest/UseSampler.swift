/// Picks one of 64 uses of sessions, on average, to be counted. The gaps are random: who goes round the same requests
/// again and again would otherwise be met at the same one each time.
struct UseSampler {
  /// How many uses a picked one stands for.
  static let usesPerSample = 64

  private var state: UInt64
  /// Which of the uses to come is picked next: 1 to 127.
  private var next = 1

  init(seed: UInt64) {
    state = seed
    next = gap()
  }

  /// Goes past `count` uses, but no farther than to one that is picked.
  ///
  /// - Returns: which of them that is, counted from 1; nil: none of them.
  mutating func pick(of count: Int) -> Int? {
    guard next <= count else {
      next -= count
      return nil
    }
    let picked = next
    next = gap()
    return picked
  }

  /// From 1 to 127, 64 on average (SplitMix64: Steele, Lea and Flood 2014).
  private mutating func gap() -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return Int(mixed % UInt64(2 * Self.usesPerSample - 1)) + 1
  }
}

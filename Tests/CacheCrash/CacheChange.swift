import TestSupport

/// A change of one session: what is asked of the cache. Those of several calls can be cut short between them.
enum CacheChange {
  /// Keys with their new values.
  case write([(key: String, value: [UInt8])])
  case removeKey(String)
  case remove
  case increment
  case setTTL(seconds: Int64)
  /// The session's time is over at once, or soon.
  case end(milliseconds: Int64)
  case tag([String])
  case untag([String])
  /// The session gets another id. First a short time to live, since the mark of the old id lasts as long, and then
  /// the usual one again.
  case rename(hasGrace: Bool)
  /// The session is revoked, after it was given a short time to live; the next one has another id.
  case revoke

  /// How long marks last, and graces.
  static let markSeconds: Int64 = 5
  static let graceSeconds: Int64 = 3

  private static let keys = ["a", "b", "c"]
  static let tags = ["user:1", "user:2", "tenant", "beta"]

  /// - Parameter counter: stands in every value, so that each is written once only.
  static func random(counter: Int, _ random: inout SplitMix64) -> CacheChange {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<42:
      let count = Int.random(in: 1...keys.count, using: &random)
      return .write(keys.prefix(count).map { (key: $0, value: value(counter, &random)) })
    case ..<50: return .increment
    case ..<56: return .removeKey(keys.randomElement(using: &random)!)
    case ..<68: return .remove
    case ..<73: return .setTTL(seconds: Int64.random(in: 500...900, using: &random))
    case ..<80: return .end(milliseconds: Int64.random(in: 1...30, using: &random))
    case ..<87: return .tag(some(&random))
    case ..<90: return .untag(some(&random))
    case ..<97: return .rename(hasGrace: Bool.random(using: &random))
    default: return .revoke
    }
  }

  private static func some(_ random: inout SplitMix64) -> [String] {
    Array(tags.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
  }

  /// 10 to 100,000 bytes, mostly few.
  private static func value(_ counter: Int, _ random: inout SplitMix64) -> [UInt8] {
    var most = 100
    while most < 100_000, Int.random(in: 0..<3, using: &random) == 0 { most *= 10 }
    let size = Int.random(in: 10...most, using: &random)
    var bytes = Array("\"\(counter):".utf8)
    bytes.append(contentsOf: repeatElement(UInt8(97 + counter % 26), count: size))
    bytes.append(UInt8(ascii: "\""))
    return bytes
  }
}

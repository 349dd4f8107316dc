import TestSupport

/// A change of one session: what is asked of the cache.
enum CacheChange {
  /// Keys with their new values.
  case write([(key: String, value: [UInt8])])
  case removeKey(String)
  case remove
  case increment
  case setTTL(seconds: Int64)
  /// The session's time is over at once, or soon.
  case end(milliseconds: Int64)

  private static let keys = ["a", "b", "c"]

  /// - Parameter counter: stands in every value, so that each is written once only.
  static func random(counter: Int, _ random: inout SplitMix64) -> CacheChange {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<50:
      let count = Int.random(in: 1...keys.count, using: &random)
      return .write(keys.prefix(count).map { (key: $0, value: value(counter, &random)) })
    case ..<62: return .increment
    case ..<68: return .removeKey(keys.randomElement(using: &random)!)
    case ..<85: return .remove
    case ..<90: return .setTTL(seconds: Int64.random(in: 500...900, using: &random))
    default: return .end(milliseconds: Int64.random(in: 1...30, using: &random))
    }
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

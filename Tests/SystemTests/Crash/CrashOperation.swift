import TestSupport

/// A change of one session.
enum CrashOperation {
  /// `ifVersion`: only if that is the session's version, which it is.
  case set(key: String, value: String, ifVersion: UInt64?)
  /// Several keys at once, all of one counter.
  case setAll([(key: String, value: String)], ttl: Int?)
  case increment
  case removeKey(String)
  case remove
  case expire(seconds: Int)
  /// The session ends within a fraction of a second.
  case endSoon(milliseconds: Int)
  case tag([String])
  case untag([String])
  /// A short time to live, before a rename or a revoke: so long the mark lasts.
  case shorten
  /// To the next id, at a moment of which only the earliest is known.
  case rename(hasGrace: Bool, since: Double)
  /// The usual time to live again, if the session has the id of this number.
  case lengthen(number: Int)
  case revoke(since: Double)
  /// A write to the last id that was closed.
  case writeLate

  /// After how many seconds the session's time may be over.
  var endsSession: Double? {
    switch self {
    case .endSoon: 0
    case .shorten: Double(CrashStanding.ClosedID.seconds)
    default: nil
    }
  }

  /// Whether nobody can say which id the session has until it is answered.
  var movesSession: Bool {
    switch self {
    case .rename, .revoke: true
    default: false
    }
  }

  private static let keys = ["a", "b", "c"]
  private static let tags = ["user:1", "user:2", "tenant", "beta"]

  /// One operation, or some that belong together.
  ///
  /// - Parameters:
  ///   - counter: stands in every value, so that each is written once only.
  ///   - standing: of the session, as far as it is known.
  ///   - version: of the session, where it is known.
  ///   - now: seconds since the machine booted.
  static func random(
    counter: Int, of standing: CrashStanding, version: UInt64?, at now: Double, _ random: inout SplitMix64
  ) -> [CrashOperation] {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<30:
      let count = Int.random(in: 1...keys.count, using: &random)
      let pairs = keys.prefix(count).map { (key: $0, value: value(counter, count, &random)) }
      return [.setAll(pairs, ttl: Int.random(in: 0..<8, using: &random) == 0 ? 700 : nil)]
    case ..<48:
      let key = keys.randomElement(using: &random)!
      let condition = Bool.random(using: &random) ? version : nil
      return [.set(key: key, value: value(counter, 1, &random), ifVersion: condition)]
    case ..<58: return [.increment]
    case ..<63: return [.removeKey(keys.randomElement(using: &random)!)]
    case ..<72: return [.remove]
    case ..<77: return [.expire(seconds: Int.random(in: 500...900, using: &random))]
    case ..<83: return [.endSoon(milliseconds: Int.random(in: 20...400, using: &random))]
    case ..<88: return [.tag(some(&random))]
    case ..<91: return [.untag(some(&random))]
    case ..<94:
      guard let last = standing.closed.last, last.isMarked(at: now + 1) else { return [.increment] }
      return [.writeLate]
    case _ where standing.session == nil: return [.increment]
    case ..<98:
      return [
        .shorten, .rename(hasGrace: Bool.random(using: &random), since: now),
        .lengthen(number: standing.number + 1),
      ]
    default: return [.shorten, .revoke(since: now)]
    }
  }

  private static func some(_ random: inout SplitMix64) -> [String] {
    Array(tags.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
  }

  /// A string of 10 bytes to 100 kB, mostly of the smaller sizes.
  private static func value(_ counter: Int, _ share: Int, _ random: inout SplitMix64) -> String {
    let exponent = Double.random(in: 1...(Int.random(in: 0..<6, using: &random) == 0 ? 5 : 3), using: &random)
    let size = Int(pow10(exponent)) / share
    let letter = String(UnicodeScalar(UInt8(97 + counter % 26)))
    return "\"\(counter):\(String(repeating: letter, count: size))\""
  }

  private static func pow10(_ exponent: Double) -> Double {
    var result = 1.0
    for _ in 0..<Int(exponent) { result *= 10 }
    // Between two powers a straight line is random enough.
    return result * (1 + 9 * (exponent - exponent.rounded(.down)))
  }
}

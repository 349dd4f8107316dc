import TestSupport

/// A change of one session.
enum CrashOperation {
  case set(key: String, value: String)
  /// Several keys at once, all of one counter.
  case setAll([(key: String, value: String)], ttl: Int?)
  case increment
  case removeKey(String)
  case remove
  case expire(seconds: Int)
  /// The session ends within a fraction of a second.
  case endSoon(milliseconds: Int)

  var endsTheSession: Bool {
    if case .endSoon = self { true } else { false }
  }

  private static let keys = ["a", "b", "c"]

  /// - Parameter counter: stands in every value, so that each is written once only.
  static func random(counter: Int, _ random: inout SplitMix64) -> CrashOperation {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<35:
      let count = Int.random(in: 1...keys.count, using: &random)
      let pairs = keys.prefix(count).map { (key: $0, value: value(counter, count, &random)) }
      return .setAll(pairs, ttl: Int.random(in: 0..<8, using: &random) == 0 ? 700 : nil)
    case ..<58: return .set(key: keys.randomElement(using: &random)!, value: value(counter, 1, &random))
    case ..<72: return .increment
    case ..<77: return .removeKey(keys.randomElement(using: &random)!)
    case ..<88: return .remove
    case ..<93: return .expire(seconds: Int.random(in: 500...900, using: &random))
    default: return .endSoon(milliseconds: Int.random(in: 20...400, using: &random))
    }
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

  func request(_ id: String) -> String {
    switch self {
    case .set(let key, let value): "SET \(id) \(key) \(value)\n"
    case .setAll(let pairs, let ttl):
      "MSET \(id) \(ttl.map { "TTL \($0) " } ?? ""){"
        + pairs.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}\n"
    case .increment: "INCR \(id) n\n"
    case .removeKey(let key): "DEL \(id) \(key)\n"
    case .remove: "DEL \(id)\n"
    case .expire(let seconds): "EXPIRE \(id) \(seconds)\n"
    case .endSoon(let milliseconds): "EXPIRE \(id) \(Double(milliseconds) / 1000)\n"
    }
  }

  /// What the session is afterwards; nil: there is none.
  func applied(to state: CrashState?) -> CrashState? {
    switch self {
    case .set(let key, let value):
      var state = state ?? CrashState()
      state.set(key, value)
      return state
    case .setAll(let pairs, let ttl):
      var state = state ?? CrashState()
      for (key, value) in pairs { state.set(key, value) }
      if let ttl { state.ttl = ttl }
      return state
    case .increment:
      var state = state ?? CrashState()
      let old = state.fields.first { $0.key == "n" }.flatMap { Int($0.value) } ?? 0
      state.set("n", "\(old + 1)")
      return state
    case .removeKey(let key):
      var state = state
      state?.fields.removeAll { $0.key == key }
      return state
    case .remove: return nil
    case .expire(let seconds):
      var state = state
      state?.ttl = seconds
      return state
    case .endSoon: return state
    }
  }

  /// The reply where the session was `state`; nil where it is a version, which only the daemon knows.
  func reply(from state: CrashState?) -> String? {
    switch self {
    case .set, .setAll: nil
    case .increment: "OK " + (applied(to: state)?.fields.first { $0.key == "n" }?.value ?? "")
    case .removeKey(let key): state?.fields.contains { $0.key == key } == true ? "OK 1" : "OK 0"
    case .remove: state == nil ? "OK 0" : "OK 1"
    case .expire, .endSoon: state == nil ? "OK false" : "OK true"
    }
  }
}

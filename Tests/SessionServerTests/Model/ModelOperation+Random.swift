import TestSupport

/// Makes up operations on few sessions, keys and tags, so that they meet often.
struct ModelOperations {
  private var random: SplitMix64
  private var count = 0
  /// Labels of ids that the daemon made.
  private var anonymous: [String] = []
  /// What comes next, whatever chance says, the last first.
  private var planned: [ModelOperation] = []

  private static let names = ["s0", "s1", "s2", "s3", "two words", "é\\\"q"]
  private static let keys = ["a", "b", "n", "two keys", "k\"4"]
  private static let tags = ["user:1", "user:2", "a tag", "ü", "t4"]
  private static let ttls = [1, 1_000, 5_000, 30_000, 60_000, 60_000, 90_000, 90_000, 150_000]
  /// Names that no session, key or tag has.
  private static let badNames = ["", "a\u{7}b", String(repeating: "x", count: 256)]

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func next() -> ModelOperation {
    count += 1
    if let next = planned.popLast() { return next }
    switch pick(100) {
    case ..<38: return change()
    case ..<56: return read()
    case ..<72: return identity()
    case ..<82: return tagging()
    case ..<89: return administration()
    case ..<97: return .advance(milliseconds: step())
    case ..<98: return bad()
    default: return .sweep
    }
  }

  /// What is refused whatever there is.
  private mutating func bad() -> ModelOperation {
    let name = Self.badNames[pick(Self.badNames.count)]
    let (session, key, tag) = (session(), key(), tag())
    switch pick(9) {
    case 0: return .get(name, key: key)
    case 1: return .set(session, key: name, value: "1", ModelOperation.WriteOptions())
    case 2: return .tag(session, [tag, name])
    case 3: return .rename(session, to: name, graceMilliseconds: nil)
    case 4: return .tagged(name, limit: 10)
    case 5: return .expire(session, milliseconds: 0)
    case 6: return .renameAnew(session, label: "made \(count)", graceMilliseconds: 0)
    case 7: return .tagged(tag, limit: [0, 1_001][pick(2)])
    default: return .revoke([session, name])
    }
  }

  private mutating func change() -> ModelOperation {
    let session = session()
    switch pick(20) {
    case ..<7: return .set(session, key: key(), value: value(), options())
    case ..<11: return .setMany(session, object: object(), dropping: some(Self.keys, most: 2), options())
    case ..<14: return .increment(session, key: key(), by: amount())
    case ..<15: return .delete(session)
    case ..<17: return .deleteKeys(session, [key()] + some(Self.keys, most: 2))
    case ..<18: return .expire(session, milliseconds: duration())
    default: return .touch((0...pick(3)).map { _ in self.session() })
    }
  }

  private mutating func read() -> ModelOperation {
    let session = session()
    switch pick(8) {
    case 0: return .get(session, key: nil)
    case 1: return .get(session, key: key())
    case 2: return .peek(session, key: pick(2) == 0 ? nil : key())
    case 3: return .getMany(session, keys: [key()] + some(Self.keys, most: 3))
    case 4: return .exists(session)
    case 5: return .timeToLive(session)
    default: return .info(session)
    }
  }

  private mutating func identity() -> ModelOperation {
    switch pick(20) {
    case 0, 1, 2, 3:
      return .create(
        label: newLabel(), object: pick(2) == 0 ? nil : object(),
        ttlMilliseconds: pick(2) == 0 ? nil : duration())
    case 4, 5, 6, 7: return .rename(session(), to: session(), graceMilliseconds: grace())
    case 8, 9, 10, 11, 12: return .renameAnew(session(), label: newLabel(), graceMilliseconds: grace())
    case 13, 14, 15: return .why(session())
    case 16, 17: return .info(session())
    case 18: return .exists(session())
    default: return .revoke((0...pick(3)).map { _ in session() })
    }
  }

  private mutating func tagging() -> ModelOperation {
    switch pick(12) {
    case ..<5: return .tag(session(), [tag()] + some(Self.tags, most: 3))
    case ..<7: return .untag(session(), [tag()] + some(Self.tags, most: 2))
    case ..<10: return .tagged(tag(), limit: 1 + pick(4))
    case 10: return .tag(session(), (0..<58 + pick(10)).map { "many\($0)" })
    default: return pick(3) == 0 ? .revokeAll(tag: tag()) : .tagged(tag(), limit: 3)
    }
  }

  private mutating func administration() -> ModelOperation {
    switch pick(16) {
    case ..<7: return .dump(session())
    case ..<9:
      let session = session()
      planned = [.info(session), .restore(session), .delete(session)]
      return .dump(session)
    case ..<12: return .restoreMadeUp(session(), madeUp())
    case ..<14: return .list(prefix: pick(2) == 0 ? nil : "s", limit: 1 + pick(5))
    case 14: return .countSessions
    default: return pick(4) == 0 ? .flush : .countSessions
    }
  }
}

extension ModelOperations {
  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func session() -> String {
    if !anonymous.isEmpty, pick(4) == 0 { return anonymous[pick(anonymous.count)] }
    return Self.names[pick(Self.names.count)]
  }

  /// A few of the latest are kept.
  private mutating func newLabel() -> String {
    if anonymous.count == 4 { anonymous.removeFirst() }
    anonymous.append("made \(count)")
    return "made \(count)"
  }

  private mutating func key() -> String { Self.keys[pick(Self.keys.count)] }
  private mutating func tag() -> String { Self.tags[pick(Self.tags.count)] }

  private mutating func some(_ names: [String], most: Int) -> [String] {
    (0..<pick(most + 1)).map { _ in names[pick(names.count)] }
  }

  private mutating func duration() -> Int { Self.ttls[pick(Self.ttls.count)] }
  private mutating func grace() -> Int? { pick(2) == 0 ? nil : [1, 500, 3_000, 30_000, 120_000][pick(5)] }

  private mutating func options() -> ModelOperation.WriteOptions {
    let conditions: [ModelOperation.Condition] = [.none, .none, .none, .new, .lastTold, .lastTold, .wrong]
    return ModelOperation.WriteOptions(
      condition: conditions[pick(conditions.count)], ttlMilliseconds: pick(5) == 0 ? duration() : nil)
  }

  private mutating func amount() -> Int { [1, -1, 3, 1_000, .max, .min][pick(6)] }

  /// JSON texts that are stored as they are.
  private mutating func value() -> String {
    switch pick(10) {
    case ..<4: "\(pick(2_000) - 1_000)"
    case 4: "9223372036854775807"
    case 5: ["1.5", "1e3", "true", "null", "[]", "{}", "-0"][pick(7)]
    case 6: "{\"x\":[1,{\"y\":\"z \\\"\\u00e4\\\" é\"}]}"
    case 7: "\"\(String(repeating: "v", count: pick(1_200)))\""
    default: "\"\(String(repeating: "w", count: pick(40)))\""
    }
  }

  /// At times with a key that comes twice.
  private mutating func object() -> String {
    let members = (0..<pick(5)).map { _ in
      "\"\(key().split(separator: "\"").joined(separator: "\\\""))\":\(value())"
    }
    return "{\(members.joined(separator: ","))}"
  }

  private mutating func madeUp() -> ModelOperation.MadeUpDump {
    ModelOperation.MadeUpDump(
      version: pick(3) == 0 ? count * 1_000_000 : nil, ageMilliseconds: pick(2) == 0 ? pick(100_000) : nil,
      idleMilliseconds: pick(2) == 0 ? duration() : nil,
      remainingMilliseconds: pick(2) == 0 ? pick(90_000) - 5_000 : nil,
      tags: pick(2) == 0 ? some(Self.tags, most: 4) : nil, object: pick(2) == 0 ? object() : nil)
  }

  /// Mostly short; some pass the ends of graces, idle times and marks, and of the absolute lifetime.
  private mutating func step() -> Int {
    switch pick(20) {
    case ..<8: 1 + pick(300)
    case ..<16: [1, 500, 999, 1_000, 2_999, 3_000, 5_000][pick(7)]
    case ..<19: 1_000 * (1 + pick(40))
    default: pick(4) == 0 ? 1_000 * pick(700) : 1_000 * pick(100)
    }
  }
}

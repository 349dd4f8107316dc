/// What a session holds: its keys in order, each with its value as JSON text, its tags, and its idle time.
struct CrashState: Equatable {
  struct Field: Equatable {
    let key: String
    var value: String
  }

  var fields: [Field] = []
  var tags: [String] = []
  /// Seconds.
  var ttl = CrashState.defaultTTL

  static let defaultTTL = 600

  /// What PEEK answers.
  var reply: String {
    "OK {" + fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  /// An existing key keeps its place.
  mutating func set(_ key: String, _ value: String) {
    if let index = fields.firstIndex(where: { $0.key == key }) {
      fields[index].value = value
    } else {
      fields.append(Field(key: key, value: value))
    }
  }
}

/// A session and the ids that it has had: each ends with its number.
struct CrashStanding: Equatable {
  /// Of its id.
  var number = 0
  /// nil: there is no such session.
  var session: CrashState?
  var closed: [ClosedID] = []

  /// An id that was revoked or renamed.
  struct ClosedID: Equatable {
    let number: Int
    /// Whether the session can be read under it for a while.
    let isAlias: Bool
    /// Not before this moment, in seconds since the machine booted.
    let since: Double

    /// How long it stays so.
    static let seconds = 5
    static let graceSeconds = 3

    /// Whether it certainly is marked at a moment.
    func isMarked(at moment: Double) -> Bool { moment < since + Double(Self.seconds) }
  }

  /// Takes up the next id.
  mutating func close(isAlias: Bool, since: Double) {
    closed.append(ClosedID(number: number, isAlias: isAlias, since: since))
    number += 1
  }
}

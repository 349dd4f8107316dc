/// What a session holds: its keys in order, each with its value as JSON text, and its idle time.
struct CrashState: Equatable {
  struct Field: Equatable {
    let key: String
    var value: String
  }

  var fields: [Field] = []
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

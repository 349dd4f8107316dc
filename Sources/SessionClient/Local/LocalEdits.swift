internal import SessionWire

/// What a change does to a session's keys. Of a key that comes twice, the last edit counts.
struct LocalEdits {
  enum Edit {
    case set([UInt8])
    case remove
  }

  private(set) var list = KeyedList<Edit>()

  init() {}

  /// SET: one key and its value.
  ///
  /// - Throws: `.invalidName` for what is no key, `.badJSON` for what the daemon takes for no JSON.
  init(_ key: String, _ json: [UInt8]) throws(SessionError) {
    let parsed = try ParsedRequest(.set, json) { writer throws(RequestWriter.Refusal) in
      try writer.session("s")
      try writer.key(key)
    }
    guard case .set(_, let key, let value, _) = parsed.request else { return }
    set(parsed.text(key), parsed.json(value))
  }

  /// MSET: keys to remove, and an object's members to set.
  ///
  /// - Throws: `.badJSON` for what is no object, `.syntax` for members whose name is no key.
  init(removing keys: [String] = [], fieldsOf json: [UInt8]) throws(SessionError) {
    let parsed = try ParsedRequest(.mset, json) { writer throws(RequestWriter.Refusal) in
      try writer.session("s")
      for key in keys { try writer.drop(key) }
    }
    for key in parsed.words { remove(key) }
    for (key, json) in parsed.fields { set(key, json) }
  }

  /// A dump's data.
  init(_ fields: [(key: String, json: [UInt8])]) {
    for (key, json) in fields { set(key, json) }
  }

  mutating func set(_ key: String, _ json: [UInt8]) { list[key] = .set(json) }
  mutating func remove(_ key: String) { list[key] = .remove }

  /// By how much the session's record, and the number of its keys, will grow.
  func growth(of session: LocalSession) -> (bytes: Int, keys: Int) {
    var bytes = 0
    var keys = 0
    for (key, edit) in list.entries {
      if let old = session.fields[key] {
        bytes -= LocalSession.fieldBytes(key, old)
        keys -= 1
      }
      if case .set(let json) = edit {
        bytes += LocalSession.fieldBytes(key, json)
        keys += 1
      }
    }
    return (bytes, keys)
  }
}

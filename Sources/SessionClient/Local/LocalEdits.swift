internal import SessionWire

/// What a change does to a session's keys. Of a key that comes twice, the last edit counts.
struct LocalEdits {
  enum Edit {
    case set([UInt8])
    case remove
  }

  private(set) var list = KeyedList<Edit>()

  init() {}

  /// MSET: keys to remove, and an object's members to set.
  ///
  /// - Throws: `.badJSON` for what is no object, `.syntax` for members whose name is no key.
  init(removing keys: [String] = [], fieldsOf json: [UInt8]) throws(SessionError) {
    for key in keys { remove(try Name(key: key).text) }
    for (key, value) in try Self.members(of: json) { set(key, value) }
  }

  mutating func set(_ key: String, _ json: [UInt8]) { list[key] = .set(json) }
  mutating func remove(_ key: String) { list[key] = .remove }

  /// An object's members in their order.
  static func members(of json: [UInt8]) throws(SessionError) -> [(name: String, value: [UInt8])] {
    do throws(RequestError) {
      return try JSONText.members(of: json).map { (String(decoding: $0.name, as: UTF8.self), $0.value) }
    } catch {
      throw SessionError(error)
    }
  }

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

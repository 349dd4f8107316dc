/// A session as its only writer knows it.
struct KnownSession {
  struct Field: Equatable {
    let key: String
    var value: [UInt8]
  }

  static let defaultTTL: Int64 = 600

  let id: [UInt8]
  /// In order; nil: there is no such session.
  private(set) var fields: [Field]?
  private(set) var ttl = Self.defaultTTL
  /// Whether its time may be over at any moment.
  private(set) var isEnding = false

  init(id: String) { self.id = Array(id.utf8) }

  /// Applies a change that was made.
  mutating func apply(_ change: CacheChange) {
    switch change {
    case .write(let pairs):
      begin()
      for (key, value) in pairs { set(key, value) }
    case .increment:
      begin()
      set("n", Array("\(number + 1)".utf8))
    case .removeKey(let key): fields?.removeAll { $0.key == key }
    case .remove: forget()
    case .setTTL(let seconds): if fields != nil { ttl = seconds }
    case .end: isEnding = true
    }
  }

  /// It is known not to be there.
  mutating func forget() {
    fields = nil
    isEnding = false
  }

  private mutating func begin() {
    if fields == nil { ttl = Self.defaultTTL }
    fields = fields ?? []
  }

  private var number: Int {
    guard let field = fields?.first(where: { $0.key == "n" }) else { return 0 }
    return Int(String(decoding: field.value, as: UTF8.self)) ?? 0
  }

  private mutating func set(_ key: String, _ value: [UInt8]) {
    if let index = fields?.firstIndex(where: { $0.key == key }) {
      fields?[index].value = value
    } else {
      fields?.append(Field(key: key, value: value))
    }
  }

  /// Whether it may be what was found; `ttl` in seconds.
  func matches(_ found: [Field]?, ttl foundTTL: Int64) -> Bool {
    guard let found else { return fields == nil || isEnding }
    return found == fields && (isEnding || foundTTL == ttl)
  }
}

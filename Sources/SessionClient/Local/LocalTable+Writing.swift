extension LocalTable {
  /// SET and MSET: all the edits or none. Makes the session where there is none.
  ///
  /// - Returns: the session's new version.
  mutating func write(
    _ id: Name, _ edits: LocalEdits, ifVersion version: Int?, idle: Int64?
  ) throws(SessionError) -> Int {
    try checkOpen(id)
    let current = sessions[id]?.version ?? 0
    guard version ?? current == current else { throw .conflict(currentVersion: current) }
    return try commit(id, edits, idle: idle)
  }

  /// INCR.
  mutating func increment(_ id: Name, _ key: String, by amount: Int) throws(SessionError) -> Int {
    try checkOpen(id)
    var number = 0
    if let json = sessions[id]?.fields[key] {
      // A fraction or an exponent makes it no whole number, even where its value is one.
      guard let value = Int(String(decoding: json, as: UTF8.self)) else {
        throw .type("the value is no whole number of 64 bits")
      }
      number = value
    }
    let (sum, overflow) = number.addingReportingOverflow(amount)
    guard !overflow else { throw .type("the sum is no whole number of 64 bits") }
    var edits = LocalEdits()
    edits.set(key, Array(String(sum).utf8))
    _ = try commit(id, edits)
    return sum
  }

  /// DEL with keys: how many there were.
  mutating func removeKeys(_ id: Name, _ keys: [String]) throws(SessionError) -> Int {
    try Self.check(words: keys.count)
    try checkOpen(id)
    guard let session = sessions[id] else { return 0 }
    var edits = LocalEdits()
    for key in keys { edits.remove(key) }
    let removed = -edits.growth(of: session).keys
    if removed == 0 {
      slide(id)
    } else {
      _ = try commit(id, edits, mayBeTooLarge: true)
    }
    return removed
  }

  /// DEL without keys: whether there was a session. Nothing happens to a mark.
  mutating func remove(_ id: Name) throws(SessionError) -> Bool {
    if closed[id]?.alias(at: now) != nil { try checkOpen(id) }
    return finish(id, .deleted) != nil
  }

  /// FLUSH: how many sessions there were.
  mutating func removeAll() -> Int {
    let all = ids.names.sorted()
    for id in all { finish(id, .deleted) }
    return all.count
  }

  /// EXPIRE: whether there is such a session.
  mutating func setIdle(_ id: Name, _ idle: Int64) throws(SessionError) -> Bool {
    try checkOpen(id)
    guard sessions[id] != nil else { return false }
    slide(id, to: idle)
    return true
  }

  /// TOUCH: how many of the sessions there are. Those that live are touched, also where it throws.
  mutating func touch(_ ids: [Name]) throws(SessionError) -> Int {
    try Self.check(words: ids.count)
    var count = 0
    for id in ids {
      guard let found = resolve(id) else { continue }
      slide(found)
      count += 1
    }
    for id in ids where closed[id]?.alias(at: now) == nil { try checkOpen(id) }
    return count
  }
}

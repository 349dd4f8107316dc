internal import SessionWire

extension LocalTable {
  /// TAG: how many of the tags are new; nothing without such a session.
  mutating func addTags(_ id: Name, _ tags: [String]) throws(SessionError) -> Int? {
    try Self.check(words: tags.count)
    try checkOpen(id)
    guard let session = sessions[id] else { return nil }
    var known = Set(session.tags.map { Name($0) })
    let new = tags.filter { known.insert(Name($0)).inserted }
    guard !new.isEmpty else {
      slide(id)
      return 0
    }
    try check(tags: session.tags.count + new.count)
    _ = try commit(id, tags: session.tags + new)
    return new.count
  }

  func check(tags count: Int) throws(SessionError) {
    guard count <= Limits.tagsPerSession else {
      throw .tooLarge("the session would have \(count) tags; the most is \(Limits.tagsPerSession)")
    }
  }

  /// UNTAG: how many of the tags there were; nothing without such a session.
  mutating func removeTags(_ id: Name, _ tags: [String]) throws(SessionError) -> Int? {
    try Self.check(words: tags.count)
    try checkOpen(id)
    guard let session = sessions[id] else { return nil }
    let unwanted = Set(tags.map { Name($0) })
    let left = session.tags.filter { !unwanted.contains(Name($0)) }
    if left.count == session.tags.count {
      slide(id)
    } else {
      _ = try commit(id, tags: left, mayBeTooLarge: true)
    }
    return session.tags.count - left.count
  }

  /// TAGGED: one page.
  mutating func list(tag: Name, after: Name?, limit: Int) throws(SessionError) -> [String] {
    try Self.check(limit: limit)
    return tagged[tag]?.page(after: after, limit: limit) ?? []
  }

  /// REVOKEALL: how many sessions lived.
  mutating func revokeAll(tag: Name) -> Int {
    let all = tagged[tag]?.names.sorted() ?? []
    for id in all {
      guard let session = finish(id, .revoked) else { continue }
      close(id, until: now + session.idle)
    }
    return all.count
  }
}

extension SessionStoring {
  /// Changes a session's values without losing what others change meanwhile: reads them with their version,
  /// has `change` make what it likes of them, and writes what became different, all or nothing, if the version
  /// is still the same. If it is not, all is done again with the new values.
  ///
  ///     let count = try await sessions.update("s1") { values in
  ///       let items = values["cart"]?.arrayValue ?? []
  ///       values["cart"] = .array(items + ["tea"])
  ///       return items.count + 1
  ///     }
  ///
  /// Only the keys that `change` made different are written, and those that it took out are removed; if there
  /// are none, nothing is. Slides the time to live in either case. Where one key is only counted, `increment`
  /// does it in one step.
  ///
  /// **Lost replies.** When the connection breaks before the reply, the write may have been made. If the session
  /// still has the version that was read, it was not, and never will be: the change is made again. If not,
  /// nobody knows whose the new version is, so that the error is thrown, with `mayHaveBeenApplied`. No change
  /// is made twice.
  ///
  /// - Parameters:
  ///   - beginsSession: whether to begin the session, with no values at first, where there is none. Without it a
  ///     session that somebody ended stays ended.
  ///   - timeToLive: the session's own idle time from now on, 1 ms to 10 years.
  ///   - change: is called again for each attempt, with the values of the moment.
  /// - Returns: what `change` returned at the attempt that counted; nothing where there is no such session.
  /// - Throws: what `change` throws, and then nothing is written; `SessionError.conflict` when others were faster
  ///   60 times; `.revoked` where the id is closed, or can only be read; what `setMany` throws.
  @discardableResult
  nonisolated(nonsending) public func update<Result>(
    _ session: String, beginsSession: Bool = false, ttl timeToLive: Duration? = nil,
    _ change: (inout SessionValue.Object) throws -> Result
  ) async throws -> Result? {
    try await update(
      session, beginsSession: beginsSession, ttl: timeToLive, retries: UpdateRetries(), change)
  }

  /// Changes the value of one key, as a type of yours. Otherwise like `update` of the whole session.
  ///
  ///     try await sessions.update("s1", "cart", as: Cart.self) { $0?.items.append(tea) }
  ///
  /// - Parameter change: gets nothing where there is no such key; making it nothing removes the key.
  /// - Returns: what `change` returned at the attempt that counted; nothing where there is no such session.
  /// - Throws: `SessionError.decoding` where the value is not of the type asked for.
  @discardableResult
  nonisolated(nonsending) public func update<Value: Codable, Result>(
    _ session: String, _ key: String, as type: Value.Type = Value.self, beginsSession: Bool = false,
    ttl timeToLive: Duration? = nil, _ change: (inout Value?) throws -> Result
  ) async throws -> Result? {
    try await update(session, beginsSession: beginsSession, ttl: timeToLive) { values in
      var value = try values[key].map { try ValueCoding.decode(type, from: $0.json) }
      let result = try change(&value)
      values[key] = try value.map { try JSONReader.read(ValueCoding.encode($0)) }
      return result
    }
  }

  nonisolated(nonsending) func update<Result>(
    _ session: String, beginsSession: Bool, ttl timeToLive: Duration?, retries: UpdateRetries,
    _ change: (inout SessionValue.Object) throws -> Result
  ) async throws -> Result? {
    var retries = retries
    while true {
      let snapshot = try await snapshot(session)
      guard snapshot != nil || beginsSession else { return nil }
      let before = snapshot?.values ?? [:]
      var after = before
      let result = try change(&after)
      let difference = Difference(from: before, to: after)
      do {
        if snapshot != nil, difference.isEmpty, timeToLive == nil {
          try await touch([session])
          return result
        }
        try await setMany(
          session, fieldsOf: difference.values, removing: difference.removed,
          ifVersion: snapshot?.version ?? 0, ttl: timeToLive)
        return result
      } catch let error as SessionError {
        switch error {
        case .conflict: break
        case .disconnected(mayHaveBeenApplied: true):
          // A connection that is lost executes nothing any more.
          guard try await self.snapshot(session)?.version == snapshot?.version else { throw error }
        default: throw error
        }
        try await retries.pause(after: error)
      }
    }
  }
}

/// What makes one object of another.
private struct Difference {
  var values = SessionValue.Object()
  var removed: [String] = []

  init(from before: SessionValue.Object, to after: SessionValue.Object) {
    for (key, value) in after where before[key] != value { values[key] = value }
    removed = before.keys.filter { after[$0] == nil }
  }

  var isEmpty: Bool { values.isEmpty && removed.isEmpty }
}

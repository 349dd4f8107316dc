import SessionStore

/// What concerns the store behind the cache.
extension SettingReader {
  func readStore(into result: inout ServerConfiguration, _ problems: ConfigurationProblems) {
    result.store = defaults.stateDirectory.map { .sqlite(path: "\($0)/sessions.db") } ?? StoreLocation.none
    problems.read(.store, into: &result.store, try store())
    problems.read(.flushEvery, into: &result.flushEvery, try flushEvery())
    problems.read(.storeQueue, into: &result.storeQueue, try number(.storeQueue, 1...10_000_000))
    problems.read(.storeTimeout, into: &result.storeTimeout, try storeTimeout())
    // What can't be known to be a store allows no word on what goes with it.
    guard !problems.bad.contains(.store) else { return }
    let store = result.store
    problems.read(.storeCredentials, into: &result.storeCredentials, try credentials(store))
    if case .redis = store { result.durability = .through }
    problems.read(.durability, into: &result.durability, try durability(store))
    problems.read(.cacheTTL, into: &result.cacheTTL, try cacheTTL(store))
    problems.read(.staleFor, into: &result.staleFor, try staleFor(store))
  }

  private func store() throws(ConfigurationError) -> StoreLocation? {
    guard let text = try text(.store) else { return nil }
    do throws(StoreLocation.Failure) {
      return try StoreLocation(text)
    } catch {
      throw badStore(text, error)
    }
  }

  /// Only a database's path is repeated: in an address there may be a password, and who takes this for the credential
  /// of the same name has written nothing else.
  private func badStore(_ text: String, _ error: StoreLocation.Failure) -> ConfigurationError {
    let source = values[.store]!.source
    guard text.hasPrefix("sqlite:"), !text.contains("@") else {
      return ConfigurationError(
        "\(source): \(error); what was given is not repeated, since there may be a password in it")
    }
    return ConfigurationError("\(source): \(ValueText.quoted(text)): \(error)")
  }

  private func durability(_ store: StoreLocation) throws(ConfigurationError) -> Durability? {
    guard let text = try text(.durability) else { return nil }
    guard let durability = Durability(rawValue: text) else { throw failure(.durability, "behind or through") }
    switch (store, durability) {
    case (.none, .through):
      throw conflict("'through' wants a store, and there is none")
    case (.redis, .behind):
      throw conflict(
        "'behind' does not go with Redis and Valkey: what one daemon acknowledged before the server knew it, another "
          + "daemon's change would undo")
    default: return durability
    }
  }

  private func conflict(_ complaint: String) -> ConfigurationError {
    ConfigurationError("\(values[.durability]!.source): \(complaint)")
  }

  /// A file that was named and would not be read is a mistake; a credential of the service's is at hand for whoever
  /// wants it.
  private func credentials(_ store: StoreLocation) throws(ConfigurationError) -> String? {
    guard let path = try text(.storeCredentials) else { return defaults.credentials }
    guard case .redis = store else {
      throw ConfigurationError("\(values[.storeCredentials]!.source): only Redis and Valkey want credentials")
    }
    return path
  }

  private func cacheTTL(_ store: StoreLocation) throws(ConfigurationError) -> Int64? {
    guard let time = try durationOrOff(.cacheTTL) else { return nil }
    guard time == 0 || store != .none else {
      throw ConfigurationError(
        "\(values[.cacheTTL]!.source): without a store nothing can leave memory before it ends; ttl says when that is"
      )
    }
    return time
  }

  private func staleFor(_ store: StoreLocation) throws(ConfigurationError) -> Int64? {
    guard let time = try durationOrOff(.staleFor), time != 0 else { return nil }
    guard case .redis = store else {
      throw ConfigurationError(
        "\(values[.staleFor]!.source): only what others change as well, in Redis or Valkey, can be stale")
    }
    return time
  }

  private func flushEvery() throws(ConfigurationError) -> Int64? {
    try duration(.flushEvery, 10_000_000...60_000_000_000, "a time such as 500ms or 1s, from 10ms to 60s")
  }

  private func storeTimeout() throws(ConfigurationError) -> Int64? {
    try duration(.storeTimeout, 100_000_000...60_000_000_000, "a time such as 500ms or 2s, from 100ms to 60s")
  }
}

import SessionCache
import SessionStore

/// Settings of which each is good and that do not go together. The error is that of the one that somebody wrote, so
/// that no default contradicts another.
extension SettingReader {
  func findContradictions(_ configuration: ServerConfiguration, _ problems: ConfigurationProblems) {
    func check(_ setting: Setting, isOver other: Setting, _ isOver: Bool, _ why: String) {
      guard isOver, problems.bad.isDisjoint(with: [setting, other]) else { return }
      problems.add(
        "\(source(setting)): \(ValueText.quoted(configuration.text(setting))) is more than \(other.name), which is "
          + "\(configuration.text(other)) (\(place(other))): \(why)")
    }
    if configuration.maxLifetime > 0, values[.ttl] != nil {
      check(
        .ttl, isOver: .maxLifetime, configuration.ttl > configuration.maxLifetime,
        "no session could stay unused for so long; ttl is at most max-lifetime")
    }
    if values[.maxConnectionsPerUser] != nil {
      check(
        .maxConnectionsPerUser, isOver: .maxConnections,
        configuration.maxConnectionsPerUser > configuration.maxConnections,
        "one user can't have more connections than there are")
    }
    check(
      .maxLine, isOver: .maxBuffers, configuration.maxLine > configuration.maxBuffers,
      "the longest line would be cut off; max-buffers is at least max-line")
    if values[.maxSession] != nil {
      check(
        .maxSession, isOver: .maxMemory, configuration.maxSession > configuration.maxMemory,
        "the largest session would never fit; max-session is at most max-memory")
    }
    findTooManyShards(configuration, problems)
    findSharedFiles(configuration, problems)
  }

  /// Settings of a store where there is none, a line each. They do no harm, and what is set for a while without one is
  /// not to be taken out of the file. The defaults may be written out, as in the file that comes with the daemon.
  func settingsOfNoStore(_ configuration: ServerConfiguration) -> [String] {
    guard configuration.store == .none else { return [] }
    return [Setting.flushEvery, .storeQueue, .storeTimeout].compactMap { setting in
      let text = configuration.text(setting)
      guard text != defaultConfiguration.text(setting) else { return nil }
      return "\(source(setting)): '\(text)' is of no effect, since there is no store"
    }
  }

  /// Each shard takes pages of its own, also while it is empty.
  private func findTooManyShards(_ configuration: ServerConfiguration, _ problems: ConfigurationProblems) {
    guard problems.bad.isDisjoint(with: [.shards, .maxMemory]) else { return }
    let least = SegmentFile.leastBytes(shardCount: configuration.shards)
    guard configuration.maxMemory < least else { return }
    let named = values[.maxMemory] == nil ? Setting.shards : .maxMemory
    let other = named == .shards ? Setting.maxMemory : .shards
    let verdict = named == .shards ? "too many" : "too little"
    problems.add(
      "\(source(named)): \(ValueText.quoted(configuration.text(named))) is \(verdict) for \(other.name)="
        + "\(configuration.text(other)) (\(place(other))): so many shards take \(ValueText.text(bytes: least))"
    )
  }

  private func findSharedFiles(_ configuration: ServerConfiguration, _ problems: ConfigurationProblems) {
    guard problems.bad.isDisjoint(with: [.socket, .segment, .store]) else { return }
    var files: [(Setting, String)] = [(.socket, configuration.socket), (.segment, configuration.segment)]
    if case .sqlite(let path) = configuration.store { files.append((.store, path)) }
    for (index, file) in files.enumerated() {
      for other in files[..<index] where other.1 == file.1 {
        problems.add(
          "\(source(file.0)): \(ValueText.quoted(file.1)) is the \(other.0.name) already (\(place(other.0))): "
            + "each has a file of its own"
        )
      }
    }
  }

  private func source(_ setting: Setting) -> String { values[setting]?.source ?? setting.name }

  private func place(_ setting: Setting) -> String { values[setting]?.place ?? "the default" }
}

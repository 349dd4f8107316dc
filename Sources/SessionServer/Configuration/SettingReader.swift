import SessionCache
import SessionSegment
import SessionStore
import SessionWire
import SystemCalls

/// Makes a configuration of texts: checks each, fills in the defaults, and looks whether they go together.
struct SettingReader {
  /// What of the machine and the environment the defaults depend on.
  struct Defaults {
    var socket: String
    /// `$RUNTIME_DIRECTORY`, if it is set.
    var runtimeDirectory: String?
    /// The first of `$STATE_DIRECTORY`, if it is set.
    var stateDirectory: String?
    /// `store` in `$CREDENTIALS_DIRECTORY`, if it exists.
    var credentials: String?
    var cores: Int
  }

  let values: [Setting: SourcedValue]
  let defaults: Defaults

  /// - Throws: all that is wrong.
  func configuration() throws(ConfigurationError) -> ServerConfiguration {
    let problems = ConfigurationProblems()
    var result = defaultConfiguration
    readConnections(into: &result, problems)
    readMemory(into: &result, problems)
    readStore(into: &result, problems)
    findContradictions(result, problems)
    if let error = ConfigurationError(problems: problems.lines) { throw error }
    return result
  }

  private func readConnections(into result: inout ServerConfiguration, _ problems: ConfigurationProblems) {
    problems.read(.socket, into: &result.socket, try socketPath())
    problems.read(.socketMode, into: &result.socketMode, try socketMode())
    problems.read(.socketGroup, into: &result.socketGroup, try text(.socketGroup))
    problems.read(.mappers, into: &result.mappers, try peers(.mappers))
    problems.read(.admins, into: &result.admins, try peers(.admins))
    problems.read(.readers, into: &result.readers, try peers(.readers))
    problems.read(.maxConnections, into: &result.maxConnections, try number(.maxConnections, 1...1_000_000))
    result.maxConnectionsPerUser =
      result.maxConnections - ServerConfiguration.connectionsForOthers(of: result.maxConnections)
    problems.read(
      .maxConnectionsPerUser, into: &result.maxConnectionsPerUser,
      try number(.maxConnectionsPerUser, 1...1_000_000))
    problems.read(.maxBuffers, into: &result.maxBuffers, try size(.maxBuffers, 1 << 20...1 << 40))
    problems.read(.maxLine, into: &result.maxLine, try size(.maxLine, 1 << 10...1 << 30))
    problems.read(.lineTimeout, into: &result.lineTimeout, try duration(.lineTimeout))
    problems.read(.threads, into: &result.threads, try number(.threads, 1...64))
    problems.read(.busyPoll, into: &result.busyPoll, try busyPoll())
    problems.read(.logLevel, into: &result.logLevel, try logLevel())
  }

  private func readMemory(into result: inout ServerConfiguration, _ problems: ConfigurationProblems) {
    result.segment = defaultSegment(result.socket)
    problems.read(.segment, into: &result.segment, try text(.segment))
    problems.read(.segmentOnDisk, into: &result.segmentOnDisk, try segmentOnDisk())
    problems.read(.shards, into: &result.shards, try shardCount())
    problems.read(.maxMemory, into: &result.maxMemory, try maxMemory())
    problems.read(.maxSession, into: &result.maxSession, try size(.maxSession, 1 << 10...1 << 30))
    problems.read(.whenFull, into: &result.whenFull, try whenFull())
    problems.read(.ttl, into: &result.ttl, try duration(.ttl))
    problems.read(.maxLifetime, into: &result.maxLifetime, try durationOrOff(.maxLifetime))
    // A default is no contradiction.
    if values[.ttl] == nil, result.maxLifetime > 0 { result.ttl = min(result.ttl, result.maxLifetime) }
  }

  var defaultConfiguration: ServerConfiguration {
    ServerConfiguration(
      socket: defaults.socket, segment: defaultSegment(defaults.socket), segmentOnDisk: .refuse,
      maxMemory: 256 << 20,
      ttl: 600_000_000_000, maxLifetime: 0, threads: min(max(defaults.cores / 2, 1), 4), busyPoll: 20_000,
      shards: 64, maxConnections: 10_000, maxConnectionsPerUser: 10_000, maxBuffers: 256 << 20,
      maxLine: 1 << 20,
      maxSession: 1 << 20, lineTimeout: 30_000_000_000, logLevel: .info, socketMode: 0o660, socketGroup: nil,
      mappers: .everybody, admins: .nobody, readers: .nobody, whenFull: .refuse, store: .none,
      storeCredentials: nil, durability: .behind, flushEvery: 1_000_000_000, storeQueue: 100_000,
      storeTimeout: 2_000_000_000, cacheTTL: 0, staleFor: 0)
  }

  private func defaultSegment(_ socket: String) -> String {
    if let directory = defaults.runtimeDirectory { return "\(directory)/segment" }
    return (socket.hasSuffix(".sock") ? String(socket.dropLast(5)) : socket) + ".segment"
  }

  // MARK: Kinds

  func failure(_ setting: Setting, _ wanted: String, hint: String = "") -> ConfigurationError {
    let value = values[setting]!
    return ConfigurationError("\(value.source): \(ValueText.quoted(value.text)) is not \(wanted)\(hint)")
  }

  func text(_ setting: Setting) throws(ConfigurationError) -> String? {
    guard let value = values[setting] else { return nil }
    guard !value.text.isEmpty else { throw ConfigurationError("\(value.source): the value is empty") }
    return value.text
  }

  func number(_ setting: Setting, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard let text = try text(setting) else { return nil }
    guard text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let number = Int(text),
      range.contains(number)
    else {
      throw failure(setting, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func size(_ setting: Setting, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard let text = try text(setting) else { return nil }
    guard let size = ValueText.size(text), range.contains(size) else {
      let (least, most) = (ValueText.text(bytes: range.lowerBound), ValueText.text(bytes: range.upperBound))
      throw failure(
        setting, "a size such as 64K, 256M or 2G, from \(least) to \(most)", hint: ValueText.sizeHint(text))
    }
    return size
  }

  private func duration(_ setting: Setting) throws(ConfigurationError) -> Int64? {
    try duration(setting, Limits.ttlNanoseconds, "a time such as 500ms, 10m or 2h, from 1ms to 3650d")
  }

  /// A time in nanoseconds; 0 for `off`.
  func durationOrOff(_ setting: Setting) throws(ConfigurationError) -> Int64? {
    if values[setting]?.text == "off" { return 0 }
    return try duration(
      setting, Limits.ttlNanoseconds, "a time such as 500ms, 10m or 2h, from 1ms to 3650d, nor off")
  }

  func duration(
    _ setting: Setting, _ range: ClosedRange<Int64>, _ wanted: String
  ) throws(ConfigurationError) -> Int64? {
    guard let text = try text(setting) else { return nil }
    guard let duration = ValueText.duration(text), range.contains(duration) else {
      throw failure(setting, wanted, hint: ValueText.durationHint(text))
    }
    return duration
  }

  private func peers(_ setting: Setting) throws(ConfigurationError) -> PeerList? {
    guard let text = try text(setting) else { return nil }
    do throws(PeerListReader.Failure) {
      return try PeerListReader.read(text)
    } catch {
      throw ConfigurationError("\(values[setting]!.source): \(error.description)")
    }
  }

  // MARK: Special ones

  private func socketPath() throws(ConfigurationError) -> String? {
    let socket = try text(.socket) ?? defaults.socket
    guard UnixAddress(path: socket) != nil else {
      throw ConfigurationError(
        "\(values[.socket]?.source ?? "socket"): a socket's path has 1 to \(UnixAddress.pathBytesMost) bytes, "
          + "this one \(socket.utf8.count)")
    }
    return socket
  }

  private func busyPoll() throws(ConfigurationError) -> Int64? {
    guard let text = try text(.busyPoll) else { return nil }
    if text == "off" { return 0 }
    guard let duration = ValueText.fineDuration(text), (0...1_000_000).contains(duration) else {
      throw failure(
        .busyPoll, "a time such as 20us, up to 1ms, nor off", hint: ValueText.fineDurationHint(text))
    }
    return duration
  }

  private func shardCount() throws(ConfigurationError) -> Int? {
    guard let shards = try number(.shards, 1...SegmentLayout.shardsMost) else { return nil }
    guard shards & (shards - 1) == 0 else {
      throw failure(.shards, "a power of two, from 1 to \(SegmentLayout.shardsMost)")
    }
    return shards
  }

  private func maxMemory() throws(ConfigurationError) -> Int? {
    try size(.maxMemory, SegmentFile.leastBytes(shardCount: 1)...SegmentLayout.segmentBytesMost)
  }

  private func segmentOnDisk() throws(ConfigurationError) -> ServerConfiguration.SegmentOnDisk? {
    guard let text = try text(.segmentOnDisk) else { return nil }
    guard let choice = ServerConfiguration.SegmentOnDisk(rawValue: text) else {
      throw failure(.segmentOnDisk, "refuse or allow")
    }
    return choice
  }

  private func logLevel() throws(ConfigurationError) -> ServerConfiguration.LogLevel? {
    guard let text = try text(.logLevel) else { return nil }
    guard let level = ServerConfiguration.LogLevel(rawValue: text) else {
      throw failure(.logLevel, "error, warning, notice, info or debug")
    }
    return level
  }

  private func whenFull() throws(ConfigurationError) -> ServerConfiguration.WhenFull? {
    guard let text = try text(.whenFull) else { return nil }
    guard let choice = ServerConfiguration.WhenFull(rawValue: text) else {
      throw failure(.whenFull, "refuse or evict")
    }
    return choice
  }

  private func socketMode() throws(ConfigurationError) -> UInt32? {
    guard let text = try text(.socketMode) else { return nil }
    guard text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 7 }), let mode = UInt32(text, radix: 8),
      mode <= 0o777, text.utf8.count <= 4
    else {
      throw failure(.socketMode, "an octal mode such as 0660, of up to four digits, from 0 to 0777")
    }
    return mode
  }
}

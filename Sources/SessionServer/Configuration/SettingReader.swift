import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Makes a configuration of texts: checks each, fills in the defaults.
struct SettingReader {
  /// What of the machine and the environment the defaults depend on.
  struct Defaults {
    var socket: String
    /// `$RUNTIME_DIRECTORY`, if it is set.
    var runtimeDirectory: String?
    var cores: Int
  }

  let values: [Setting: SourcedValue]
  let defaults: Defaults

  func configuration() throws(ConfigurationError) -> ServerConfiguration {
    let socket = try text(.socket) ?? defaults.socket
    guard UnixAddress(path: socket) != nil else {
      throw ConfigurationError(
        "\(values[.socket]?.source ?? "socket"): a socket's path has 1 to \(UnixAddress.pathBytesMost) bytes, "
          + "this one \(socket.utf8.count)")
    }
    let shards = try shards()
    let maxConnections = try number(.maxConnections, 1...1_000_000) ?? 10_000
    return ServerConfiguration(
      socket: socket, segment: try text(.segment) ?? defaultSegment(socket), maxMemory: try maxMemory(shards),
      ttl: try duration(.ttl) ?? 600_000_000_000, maxLifetime: try maxLifetime(),
      threads: try number(.threads, 1...64) ?? min(max(defaults.cores, 1), 4), shards: shards,
      maxConnections: maxConnections,
      maxConnectionsPerUser: try number(.maxConnectionsPerUser, 1...1_000_000)
        ?? defaultPerUser(maxConnections),
      maxBuffers: try size(.maxBuffers, 1 << 20...1 << 40) ?? 256 << 20,
      maxLine: try size(.maxLine, 1 << 10...1 << 30) ?? 1 << 20,
      maxSession: try size(.maxSession, 1 << 10...1 << 30) ?? 1 << 20,
      lineTimeout: try duration(.lineTimeout) ?? 30_000_000_000, logLevel: try logLevel(),
      socketMode: try socketMode(), socketGroup: try text(.socketGroup),
      mappers: try peers(.mappers) ?? .everybody, admins: try peers(.admins) ?? .nobody,
      readers: try peers(.readers) ?? .nobody, whenFull: try whenFull())
  }

  private func defaultPerUser(_ maxConnections: Int) -> Int {
    maxConnections - ServerConfiguration.connectionsForOthers(of: maxConnections)
  }

  private func defaultSegment(_ socket: String) -> String {
    if let directory = defaults.runtimeDirectory { return "\(directory)/segment" }
    return (socket.hasSuffix(".sock") ? String(socket.dropLast(5)) : socket) + ".segment"
  }

  // MARK: Kinds

  private func failure(_ setting: Setting, _ wanted: String) -> ConfigurationError {
    let value = values[setting]!
    return ConfigurationError("\(value.source): '\(value.text)' is not \(wanted)")
  }

  private func text(_ setting: Setting) throws(ConfigurationError) -> String? {
    guard let value = values[setting] else { return nil }
    guard !value.text.isEmpty else { throw ConfigurationError("\(value.source): the value is empty") }
    return value.text
  }

  private func number(_ setting: Setting, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
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
      throw failure(
        setting, "a size such as 64K, 256M or 2G, from \(range.lowerBound) to \(range.upperBound) bytes")
    }
    return size
  }

  private func duration(_ setting: Setting) throws(ConfigurationError) -> Int64? {
    guard let text = try text(setting) else { return nil }
    guard let duration = ValueText.duration(text), Limits.ttlNanoseconds.contains(duration) else {
      throw failure(setting, "a time such as 500ms, 10m or 2h, from 1ms to 3650d")
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

  private func shards() throws(ConfigurationError) -> Int {
    let shards = try number(.shards, 1...SegmentLayout.shardsMost) ?? 64
    guard shards & (shards - 1) == 0 else { throw failure(.shards, "a power of two") }
    return shards
  }

  private func maxMemory(_ shards: Int) throws(ConfigurationError) -> Int {
    let least = SegmentFile.leastBytes(shardCount: shards)
    return try size(.maxMemory, least...SegmentLayout.segmentBytesMost) ?? 256 << 20
  }

  private func maxLifetime() throws(ConfigurationError) -> Int64 {
    if values[.maxLifetime]?.text == "off" { return 0 }
    return try duration(.maxLifetime) ?? 0
  }

  private func logLevel() throws(ConfigurationError) -> ServerConfiguration.LogLevel {
    guard let text = try text(.logLevel) else { return .info }
    guard let level = ServerConfiguration.LogLevel(rawValue: text) else {
      throw failure(.logLevel, "error, warning, notice, info or debug")
    }
    return level
  }

  private func whenFull() throws(ConfigurationError) -> ServerConfiguration.WhenFull {
    guard let text = try text(.whenFull) else { return .refuse }
    guard let choice = ServerConfiguration.WhenFull(rawValue: text) else {
      throw failure(.whenFull, "refuse or evict")
    }
    return choice
  }

  private func socketMode() throws(ConfigurationError) -> UInt32 {
    guard let text = try text(.socketMode) else { return 0o660 }
    guard text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 7 }), let mode = UInt32(text, radix: 8),
      mode <= 0o777, text.utf8.count <= 4
    else {
      throw failure(.socketMode, "an octal mode such as 0660")
    }
    return mode
  }
}

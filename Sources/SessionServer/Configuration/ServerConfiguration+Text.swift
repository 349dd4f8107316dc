import SessionStore
import SystemCalls

extension ServerConfiguration {
  /// A setting's value as a configuration file would have it. What has no such text, since it is nothing, is in
  /// parentheses.
  func text(_ setting: Setting) -> String {
    switch setting {
    case .socket: socket
    case .segment: segment
    case .segmentOnDisk: segmentOnDisk.rawValue
    case .maxMemory: ValueText.text(bytes: maxMemory)
    case .ttl: ValueText.text(nanoseconds: ttl)
    case .maxLifetime: Self.orOff(maxLifetime)
    case .threads: "\(threads)"
    case .busyPoll: Self.orOff(busyPoll)
    case .shards: "\(shards)"
    case .maxConnections: "\(maxConnections)"
    case .maxConnectionsPerUser: "\(maxConnectionsPerUser)"
    case .maxBuffers: ValueText.text(bytes: maxBuffers)
    case .maxLine: ValueText.text(bytes: maxLine)
    case .maxSession: ValueText.text(bytes: maxSession)
    case .lineTimeout: ValueText.text(nanoseconds: lineTimeout)
    case .logLevel: logLevel.rawValue
    case .socketMode: FileMode.text(socketMode)
    case .socketGroup: socketGroup ?? "(the daemon's own)"
    case .mappers: mappers.description
    case .admins: admins.description
    case .readers: readers.description
    case .whenFull: whenFull.rawValue
    case .store: store.description
    case .storeCredentials: storeCredentials ?? "(none)"
    case .durability: durability.rawValue
    case .flushEvery: ValueText.text(nanoseconds: flushEvery)
    case .storeQueue: "\(storeQueue)"
    case .storeTimeout: ValueText.text(nanoseconds: storeTimeout)
    case .cacheTTL: Self.orOff(cacheTTL)
    case .staleFor: Self.orOff(staleFor)
    }
  }

  private static func orOff(_ nanoseconds: Int64) -> String {
    nanoseconds == 0 ? "off" : ValueText.text(nanoseconds: nanoseconds)
  }
}

extension PeerList: CustomStringConvertible {
  /// As the settings name it, by numbers.
  var description: String {
    switch self {
    case .everybody: return "all"
    case .nobody: return "none"
    case .these(let users, let groups):
      let names = users.sorted().map { "\($0)" } + groups.sorted().map { "%\($0)" }
      return names.joined(separator: ",")
    }
  }
}

import Logging
import SessionStore

/// All settings of a daemon, checked.
public struct ServerConfiguration: Sendable, Equatable {
  public var socket: String
  public var segment: String
  public var segmentOnDisk: SegmentOnDisk
  /// Bytes.
  public var maxMemory: Int
  /// Nanoseconds.
  public var ttl: Int64
  /// Nanoseconds; 0: off.
  public var maxLifetime: Int64
  public var threads: Int
  /// Nanoseconds; 0: off.
  public var busyPoll: Int64
  public var shards: Int
  public var maxConnections: Int
  public var maxConnectionsPerUser: Int
  /// Bytes.
  public var maxBuffers: Int
  /// Bytes.
  public var maxLine: Int
  /// Bytes.
  public var maxSession: Int
  /// Nanoseconds.
  public var lineTimeout: Int64
  public var logLevel: LogLevel
  public var socketMode: UInt32
  /// A name or a number; nil: the daemon's own.
  public var socketGroup: String?
  /// Who may map the segment, besides root and the daemon's own user.
  var mappers: PeerList
  /// Who has the role admin, besides root and the daemon's own user.
  var admins: PeerList
  /// Who may only read.
  var readers: PeerList
  public var whenFull: WhenFull
  /// What is behind the cache.
  var store: StoreLocation
  /// The file with the store's user and password, if there is one.
  var storeCredentials: String?
  var durability: Durability
  /// Nanoseconds.
  public var flushEvery: Int64
  /// Sessions with changes that the store has not got.
  public var storeQueue: Int
  /// Nanoseconds.
  public var storeTimeout: Int64
  /// Nanoseconds; 0: off.
  public var cacheTTL: Int64
  /// Nanoseconds; 0: off.
  public var staleFor: Int64

  /// What becomes of a start whose segment's path was given and is on a disk.
  public enum SegmentOnDisk: String, CaseIterable, Sendable {
    case refuse, allow
  }

  /// What becomes of a change for which there is no memory.
  public enum WhenFull: String, CaseIterable, Sendable {
    /// It is refused.
    case refuse
    /// Other sessions are dropped for it.
    case evict
  }

  /// The levels that can be asked for.
  public enum LogLevel: String, CaseIterable, Sendable {
    case error, warning, notice, info, debug

    var level: Logger.Level {
      switch self {
      case .error: .error
      case .warning: .warning
      case .notice: .notice
      case .info: .info
      case .debug: .debug
      }
    }
  }

  /// Of so many connections, how many one user leaves to others unless he is told otherwise: 32, or an
  /// eighth where that is less.
  static func connectionsForOthers(of most: Int) -> Int { min(32, most / 8) }

  /// Takes over what may change while the daemon runs.
  ///
  /// - Returns: the settings that differ and may not.
  mutating func takeReloadable(from new: ServerConfiguration) -> [Setting] {
    var wanted = new
    // What stays is put into the new one, so that one assignment takes over all the rest.
    (wanted.socket, wanted.segment, wanted.maxMemory) = (socket, segment, maxMemory)
    wanted.segmentOnDisk = segmentOnDisk
    (wanted.threads, wanted.shards) = (threads, shards)
    (wanted.socketMode, wanted.socketGroup) = (socketMode, socketGroup)
    (wanted.store, wanted.storeCredentials) = (store, storeCredentials)
    (wanted.durability, wanted.storeTimeout) = (durability, storeTimeout)
    var fixed: [Setting] = []
    if new.socket != socket { fixed.append(.socket) }
    if new.segment != segment { fixed.append(.segment) }
    if new.segmentOnDisk != segmentOnDisk { fixed.append(.segmentOnDisk) }
    if new.maxMemory != maxMemory { fixed.append(.maxMemory) }
    if new.threads != threads { fixed.append(.threads) }
    if new.shards != shards { fixed.append(.shards) }
    if new.socketMode != socketMode { fixed.append(.socketMode) }
    if new.socketGroup != socketGroup { fixed.append(.socketGroup) }
    if new.store != store { fixed.append(.store) }
    if new.storeCredentials != storeCredentials { fixed.append(.storeCredentials) }
    if new.durability != durability { fixed.append(.durability) }
    if new.storeTimeout != storeTimeout { fixed.append(.storeTimeout) }
    self = wanted
    return fixed
  }
}

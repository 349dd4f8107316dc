/// What can be set, each under one name: `--max-memory` on the command line, `SESSIOND_MAX_MEMORY` in
/// the environment, `max-memory=` in the configuration file.
public enum Setting: String, CaseIterable, Sendable {
  case socket
  case segment
  case segmentOnDisk = "segment-on-disk"
  case maxMemory = "max-memory"
  case ttl
  case maxLifetime = "max-lifetime"
  case threads
  case busyPoll = "busy-poll"
  case shards
  case maxConnections = "max-connections"
  case maxConnectionsPerUser = "max-connections-per-user"
  case maxBuffers = "max-buffers"
  case maxLine = "max-line"
  case maxSession = "max-session"
  case lineTimeout = "line-timeout"
  case logLevel = "log-level"
  case socketMode = "socket-mode"
  case socketGroup = "socket-group"
  case mappers
  case admins
  case readers
  case whenFull = "when-full"
  case store
  case storeCredentials = "store-credentials"
  case durability
  case flushEvery = "flush-every"
  case storeQueue = "store-queue"
  case storeTimeout = "store-timeout"
  case cacheTTL = "cache-ttl"
  case staleFor = "stale-for"

  public var name: String { rawValue }

  public var flag: String { "--\(rawValue)" }

  static let environmentPrefix = "SESSIOND_"

  public var environmentName: String {
    Self.environmentPrefix + rawValue.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
  }

  /// The setting that a line of the file names: letters of either case, `-` and `_` alike.
  init?(fileKey: some StringProtocol) {
    self.init(rawValue: fileKey.lowercased().map { $0 == "_" ? "-" : String($0) }.joined())
  }

  /// Whether a changed configuration file changes it while the daemon runs (SIGHUP).
  public var isReloadable: Bool {
    switch self {
    case .ttl, .maxLifetime, .busyPoll, .maxConnections, .maxConnectionsPerUser, .maxBuffers, .maxLine,
      .maxSession, .lineTimeout, .logLevel, .mappers, .admins, .readers, .whenFull, .flushEvery, .storeQueue,
      .cacheTTL, .staleFor:
      true
    case .socket, .segment, .segmentOnDisk, .maxMemory, .threads, .shards, .socketMode, .socketGroup, .store,
      .storeCredentials,
      .durability, .storeTimeout:
      false
    }
  }

  /// What `--help` says of it, with its default.
  public var help: String {
    switch self {
    case .socket:
      "The socket to listen on. Default: sessiond.sock in $RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR; for root "
        + "/run/sessiond.sock; else /tmp/sessiond-UID/sessiond.sock. systemd's socket, if it hands one over, goes "
        + "before."
    case .segment:
      "The file that holds the sessions, best on a tmpfs. Default: segment in $RUNTIME_DIRECTORY, else the "
        + "socket's path with .segment in place of .sock."
    case .segmentOnDisk:
      "What to do when the segment's path that was given is on a disk, which all changes wear and slow down: refuse to "
        + "start, or allow it. Default: refuse."
    case .maxMemory:
      "The most memory that sessions and their index may take, such as 256M or 2G. Default: 256M."
    case .ttl:
      "How long a session may stay unused, such as 30s, 10m, 2h, if it names no time itself. Default: 10m."
    case .maxLifetime:
      "How long a session may live from its creation however much it is used, or off. Default: off."
    case .threads:
      "How many threads serve connections, 1 to 64. Default: half of the cores, 1 to 4: applications want the others."
    case .busyPoll:
      "How long a thread looks for the next request before it sleeps, up to 1ms, or off. It does so only while "
        + "requests of a few clients follow each other closely, and on at most half of the processors. Default: 20us."
    case .shards:
      "How many parts, each with its lock, the index has: a power of two, 1 to 1024. Each has room for "
        + "some 7 million sessions. Default: 64."
    case .maxConnections: "The most connections at a time; one more is told ERR limit. Default: 10000."
    case .maxConnectionsPerUser:
      "The most connections of one user, so that none shuts the others out. Default: all but 32 of max-connections, or all but an eighth where that is less."
    case .maxBuffers:
      "The most bytes of unfinished requests, changes on their way to the store and unread replies that are held for one user's connections together; "
        + "the connection that goes past it is closed. Default: 256M."
    case .maxLine: "The most bytes in a request line, such as 64K or 1M. Default: 1M."
    case .maxSession: "The most bytes in one session with its keys. Default: 1M."
    case .lineTimeout: "How long a client may take to finish a line before it is disconnected. Default: 30s."
    case .logLevel:
      "What to log: error, warning, notice, info or debug, and all that weighs more. Default: info."
    case .socketMode: "The permissions of the socket, octal: who may write to it may connect. Default: 0660."
    case .socketGroup: "The group that owns the socket, by name or number. Default: the daemon's own group."
    case .mappers:
      "Who may map the segment, and so read every session, besides root and the daemon's own user: all, none "
        + "(not even those two), or a list of users and groups such as www-data,1000,%web,%33. Default: all."
    case .admins:
      "Who may do everything, such as list, flush and restore, besides root and the daemon's own user: a list as "
        + "in mappers. Default: none."
    case .readers:
      "Who may only read, without keeping sessions alive, unless he is among the admins: a list as in mappers. "
        + "Default: none."
    case .whenFull:
      "What to do when the memory is used up: refuse new data, or evict the sessions that were not used for the "
        + "longest time, those without a tag first. With a store nobody is ended for room. Default: refuse."
    case .store:
      "What the sessions are kept in behind memory: none, sqlite:PATH for a database of this machine, "
        + "redis://[user@]HOST[:PORT][/DB][?prefix=NAME] or unix:PATH[?db=N&prefix=NAME] for a server of Redis or "
        + "Valkey that several machines may share. Default: sqlite: with sessions.db in $STATE_DIRECTORY, where "
        + "systemd sets that; else none."
    case .storeCredentials:
      "A file of one line, password or user:password, for Redis or Valkey; not readable by everybody. Default: "
        + "store in $CREDENTIALS_DIRECTORY where it exists."
    case .durability:
      "When a change is acknowledged: behind, the store gets it within flush-every, or through, the store has it. "
        + "Default: behind for sqlite:, through for Redis and Valkey, which know no other."
    case .flushEvery:
      "How long a change may wait until the store gets it, 10ms to 60s, with durability behind. Default: 1s."
    case .storeQueue:
      "The most sessions with changes that the store has not got yet, 1 to 10000000; past it writers wait. Default: "
        + "100000."
    case .storeTimeout: "How long the store may take for an answer, 100ms to 60s. Default: 2s."
    case .cacheTTL:
      "With a store: how long a session that nobody uses stays in memory, whatever its own time, or off. Default: off."
    case .staleFor:
      "With Redis or Valkey: how long what is in memory is served while the server is away; then it is forgotten, so "
        + "that what other machines log out is not served for longer. Or off. Default: off."
    }
  }
}

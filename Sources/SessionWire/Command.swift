/// The commands of protocol version 1, with what `HELP` says of each.
public enum Command: UInt8, CaseIterable, Sendable {
  case hello, ping, help, quit
  case get, peek, mget
  case set, mset, del, incr
  case exists, ttl, expire, touch, info
  case new, rename, revoke, revokeAll
  case tag, untag, tagged
  case watch, unwatch, why
  case dump, restore
  case list, flush, stats, metrics
  case map, reads

  /// The name as it stands on the wire, in capitals.
  public var name: String {
    switch self {
    case .hello: "HELLO"
    case .ping: "PING"
    case .help: "HELP"
    case .quit: "QUIT"
    case .get: "GET"
    case .peek: "PEEK"
    case .mget: "MGET"
    case .set: "SET"
    case .mset: "MSET"
    case .del: "DEL"
    case .incr: "INCR"
    case .exists: "EXISTS"
    case .ttl: "TTL"
    case .expire: "EXPIRE"
    case .touch: "TOUCH"
    case .info: "INFO"
    case .new: "NEW"
    case .rename: "RENAME"
    case .revoke: "REVOKE"
    case .revokeAll: "REVOKEALL"
    case .tag: "TAG"
    case .untag: "UNTAG"
    case .tagged: "TAGGED"
    case .watch: "WATCH"
    case .unwatch: "UNWATCH"
    case .why: "WHY"
    case .dump: "DUMP"
    case .restore: "RESTORE"
    case .list: "LIST"
    case .flush: "FLUSH"
    case .stats: "STATS"
    case .metrics: "METRICS"
    case .map: "MAP"
    case .reads: "READS"
    }
  }

  /// The request line's form, as `HELP` lists it.
  public var usage: String {
    switch self {
    case .hello: "HELLO [1]"
    case .ping: "PING"
    case .help: "HELP"
    case .quit: "QUIT"
    case .get: "GET session [key]"
    case .peek: "PEEK session [key]"
    case .mget: "MGET session key…"
    case .set: "SET session key [IF version] [TTL seconds] value"
    case .mset: "MSET session [IF version] [TTL seconds] [DROP key]… {object}"
    case .del: "DEL session [key…]"
    case .incr: "INCR session key [by]"
    case .exists: "EXISTS session"
    case .ttl: "TTL session"
    case .expire: "EXPIRE session seconds"
    case .touch: "TOUCH session…"
    case .info: "INFO session"
    case .new: "NEW [TTL seconds] [{object}]"
    case .rename: "RENAME session [new] [GRACE seconds]"
    case .revoke: "REVOKE session…"
    case .revokeAll: "REVOKEALL tag"
    case .tag: "TAG session tag…"
    case .untag: "UNTAG session tag…"
    case .tagged: "TAGGED tag [AFTER id] [LIMIT n]"
    case .watch: "WATCH session…|* [SINCE seq]"
    case .unwatch: "UNWATCH"
    case .why: "WHY session"
    case .dump: "DUMP session"
    case .restore: "RESTORE {object}"
    case .list: "LIST [MATCH prefix] [AFTER id] [LIMIT n]"
    case .flush: "FLUSH"
    case .stats: "STATS"
    case .metrics: "METRICS"
    case .map: "MAP"
    case .reads: "READS hits"
    }
  }

  /// The least role that may use it. Some requests want more than their command does: see
  /// `Request.needsAdmin`.
  public var role: Role {
    switch self {
    case .hello, .ping, .help, .quit, .get, .peek, .mget, .exists, .ttl, .info, .tagged, .watch, .unwatch,
      .why, .dump, .stats, .metrics, .map, .reads:
      .reader
    case .set, .mset, .del, .incr, .expire, .touch, .new, .rename, .revoke, .revokeAll, .tag, .untag:
      .app
    case .restore, .list, .flush:
      .admin
    }
  }

  /// The command that a packed word names.
  init?(packed word: UInt64) {
    guard let command = CommandTable.all[word] else { return nil }
    self = command
  }
}

import ArgumentParser

/// Whom the benchmark talks to.
enum Server: String, CaseIterable, ExpressibleByArgument {
  case sessiond
  /// A session's value under a key of its own: `GET` and `SET`, the least that Redis can do for it.
  case redis
  /// A session as a hash, which is how one would keep it in Redis: `HGET` and `HSET`.
  case redisHash = "redis-hash"
  /// A session's value under a key of its own, over the text protocol.
  case memcached

  /// How replies are written.
  var wire: Wire {
    switch self {
    case .sessiond: .lines
    case .redis, .redisHash: .resp
    case .memcached: .memcached
    }
  }

  /// How the reply to a change that was made begins.
  var successBytes: [UInt8] {
    switch wire {
    case .lines: [UInt8(ascii: "O")]
    case .resp: [UInt8(ascii: ":"), UInt8(ascii: "+")]
    case .memcached: [UInt8(ascii: "S")]
    }
  }
}

import SessionCache
import SessionWire

/// What the daemon has counted since its start, and what it holds, in one look: all that STATS and METRICS tell.
struct ServerReport {
  var identity: ServerIdentity
  /// When it was gathered, in nanoseconds of CLOCK_BOOTTIME.
  var now: Int64
  /// When the daemon started, in nanoseconds since 1970.
  var startedWall: Int64
  var cache: SessionCache.Statistics
  /// GET, PEEK and MGET that found something, and those that did not.
  var hits: UInt64
  var misses: UInt64
  var sets: UInt64
  var full: UInt64
  var mappedHits: UInt64
  var maps: UInt64
  /// How often threads looked for the next request and found it before sleeping, and how often in vain.
  var goodPolls: UInt64
  var vainPolls: UInt64
  /// Lines that named no command.
  var unknown: UInt64
  var connections: Connections
  /// nil: there was nothing to take over.
  var adoption: Adoption?
  /// nil: there is none.
  var store: StoreNumbers?
  /// Those that were used, in the order of the protocol.
  var commands: [PerCommand]
  /// The sessions that were used most of late, by samples, the busiest first; nil for whom their ids are not meant.
  var busiest: [BusySession]?

  struct Connections {
    var current: Int
    var accepted: Int
    var refused: Int
    var dropped: UInt64
    /// Bytes of unfinished lines, unread replies and the like that are held for them.
    var bufferedBytes: Int
  }

  struct PerCommand {
    var command: Command
    var errors: UInt64
    var latency: LatencyHistogram.Summary
  }
}

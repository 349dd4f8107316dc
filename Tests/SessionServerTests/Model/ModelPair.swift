import SessionCache
import SessionClient
import StoreSupport
import Testing

@testable import SessionServer

/// A daemon's executor over a real cache, and `LocalSessions`, both without a session at first, on clocks that stand
/// still: each operation is done by both, and the replies are compared.
final class ModelPair {
  let dialogue: Dialogue
  /// The daemon, where it keeps its sessions in a store.
  private let daemon: StoredDaemon?
  private var sweeps = 0
  let local: LocalSessions
  var names = ModelNames()
  private var matches = ModelMatches()
  /// What each side last told of a session: its version, and its dump.
  var told: [String: Told] = [:]

  /// How often each operation was answered in each way, so that a test can say that it saw what it is meant to see.
  private(set) var sights: [String: Int] = [:]

  /// For conditions, and for RESTORE.
  struct Told {
    var daemonVersion = 0
    var localVersion = 0
    var daemonDump: String?
    var localDump: String?
  }

  static let idleSeconds: Int64 = 60
  private static let sessionBytesMost = 800
  /// What `LocalSessions` takes for the time of its beginning, in milliseconds since 1970.
  private let localStart: Int
  private var advanced = 0

  /// - Parameters:
  ///   - lifetime: the bound from a session's creation in seconds; 0: none.
  ///   - mode: how it uses a store; nil: it has none.
  init(lifetime: Int64, mode: StoredDaemon.Mode? = nil) async throws {
    if let mode {
      let daemon = try StoredDaemon(
        mode, bytes: 0, clock: MovedClock(), ttl: Self.idleSeconds, sessionBytesMost: Self.sessionBytesMost)
      self.daemon = daemon
      daemon.cache.settings.lifetime = lifetime * 1_000_000_000
      dialogue = try daemon.client()
    } else {
      let cache = try makeCache(
        bytes: 16 << 20, shards: 4, ttl: Self.idleSeconds, sessionBytesMost: Self.sessionBytesMost)
      cache.settings.lifetime = lifetime * 1_000_000_000
      daemon = nil
      dialogue = try Dialogue(cache: cache)
    }
    local = LocalSessions(
      options: .init(
        ttl: .seconds(Self.idleSeconds), lifetime: lifetime == 0 ? nil : .seconds(lifetime),
        sessionBytesMax: Self.sessionBytesMost, clock: .stopped))
    let probe = try await local.create(fieldsOf: SessionValue.Object(), ttl: nil)
    let created = try #require(try await local.dump(probe, as: SessionDump.self)?.created)
    localStart = Int((created * 1000).rounded())
    try await local.delete(probe)
  }

  deinit { daemon?.stop() }

  /// Does an operation.
  ///
  /// - Returns: what differs; nil if nothing does.
  func perform(_ operation: ModelOperation) async throws -> String? {
    var operation = operation
    switch operation {
    case .advance(let milliseconds):
      // Uses within a tick of the index are one for the store, and reach it long before a session's time is over.
      if milliseconds >= 250 { try daemon?.flush() }
      advance(daemon == nil ? milliseconds : (milliseconds + 249) / 250 * 250)
      return nil
    case .sweep:
      _ = dialogue.cache.sweep(at: dialogue.clock.now) { true }
      try daemon.map(loseFromMemory)
      return nil
    case .countSessions: return try await compareCounts()
    case .restoreMadeUp(let session, let dump) where daemon != nil:
      // So is a use that comes so shortly before a session would end anyway.
      operation = .restoreMadeUp(session, dump.rounded(to: 250))
    default: break
    }
    // A shared store gives versions itself.
    if daemon?.store.isShared == true, operation.isRestoration { return nil }
    let theirs = try daemonReply(to: operation)
    let ours = try await localReply(to: operation)
    // What ended while only the store had it has left no trace, but perhaps one of the session before it.
    if daemon != nil, case .why = operation { return nil }
    if let difference = matches.difference(theirs, ours) {
      return "\(difference)\n  daemon: \(theirs)\n  local:  \(ours)"
    }
    note(operation, theirs, ours)
    sights["\(operation.name) \(theirs.kind)", default: 0] += 1
    return nil
  }

  /// What a full memory, a stop, or time brings about.
  private func loseFromMemory(_ daemon: StoredDaemon) throws {
    sweeps += 1
    // What only a use has changed may be lost of a shared store.
    if sweeps % 3 != 0 || daemon.store.isShared { try daemon.flush() }
    if sweeps % 3 != 1 { daemon.cache.forgetAll() }
  }

  private func advance(_ milliseconds: Int) {
    dialogue.clock.advance(nanoseconds: Int64(milliseconds) * 1_000_000)
    local.advance(by: .milliseconds(milliseconds))
    advanced += milliseconds
  }

  /// Milliseconds since 1970 on either side.
  var daemonWallClock: Int { Int((MovedClock.wallClockAhead + dialogue.clock.now) / 1_000_000) }
  var localWallClock: Int { localStart + advanced }

  /// The daemon counts what is in its index, so it is asked when the reclaimer can have swept all that is over.
  private func compareCounts() async throws -> String? {
    let tick: Int64 = 250
    let rest = dialogue.clock.now / 1_000_000 % tick
    advance(rest == 0 ? 0 : Int(tick - rest))
    _ = dialogue.cache.sweep(at: dialogue.clock.now) { true }
    let statistics = dialogue.ask("STATS")
    var ours: [String] = []
    var page: SessionPage
    var next: String?
    repeat {
      page = try await local.list(prefix: nil, after: next, limit: 1000)
      ours += page.sessions
      next = page.next
    } while next != nil
    if daemon != nil {
      let theirs = dialogue.ask("LIST LIMIT 1000").split(separator: ",").count - 1
      return theirs == max(ours.count, 1) ? nil : "\(ours.count) sessions, and \(theirs)"
    }
    let pairs = dialogue.cache.statistics.taggedPairs
    var tags = 0
    for session in ours { tags += try await local.info(session)?.tags.count ?? 0 }
    if pairs != tags { return "the daemon's index has \(pairs) tags, the sessions have \(tags)" }
    return statistics.contains("\"sessions\":\(ours.count),")
      ? nil : "\(ours.count) sessions, and \(statistics)"
  }

  private func note(_ operation: ModelOperation, _ theirs: ModelReply, _ ours: ModelReply) {
    guard let session = operation.toldSession, theirs.text != "NIL" else { return }
    if let theirVersion = theirs.versions.first, let ourVersion = ours.versions.first {
      told[session, default: Told()].daemonVersion = theirVersion
      told[session, default: Told()].localVersion = ourVersion
    }
  }
}

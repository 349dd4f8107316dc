public import SystemCalls

/// Sessions in a Redis or Valkey server (Redis 6 or newer), which other daemons may use at the same time. The server holds
/// the truth; every change is made by a script there, which compares versions first.
///
/// Keys, all with the prefix before them: `s:` and an id, a record (RedisValue); `t:` and a tag, the set of ids that have
/// or had it; `store`, a hash with the store's id, its last version and the format. Records go by themselves an eighth of
/// their idle time and a minute after their deadline: uses are told late, and clocks differ. Whether a record's time is
/// over is decided by its deadline and the clock here.
///
/// What was answered with `done` is in the server's memory; whether it outlives the server is a matter of the server's
/// settings (appendfsync), which `sync` does not change.
///
/// Other daemons' changes come by a channel (InvalidationChannel). From a change to the listener's call it is one trip over
/// the network; a server that is silent is noticed within a second and the timeout, and then the store is lost.
public final class RedisStore: Store {
  /// How the server calls the scripts.
  struct ScriptNames: Sendable {
    var change: [UInt8] = []
    var tagged: [UInt8] = []
  }

  private struct Session: ~Copyable {
    var channel: (InvalidationChannel, ServiceThread)?
    var storeID: UInt64 = 0
    var names = ScriptNames()
    /// Who announces changes. Another one at each opening: what a server does only then of that which was sent before,
    /// and was given up, is somebody else's doing.
    var origin: [UInt8] = []
    /// The greatest version that is known to have been given; it survives a server that does not.
    var seen: UInt64 = 0
  }

  let location: RedisLocation
  private let readCredentials: ReadCredentials
  /// Nanoseconds.
  let timeout: Int64
  let clock: BootClock
  let loading: RedisLane
  let applying: RedisLane
  let counts = Guarded(StoreStatistics())
  let damaged = Guarded(DamagedIDs())
  let leftovers = Guarded(ScanLeftovers())
  private let listener: WeakListener
  /// Held for a whole opening or closing.
  private let opening = MutexLock()
  /// Held for a few instructions.
  private let session = Guarded(Session())

  public typealias ReadCredentials = @Sendable () throws(StoreCredentials.Failure) -> StoreCredentials?

  /// With credentials that stay what they are.
  public convenience init(
    _ location: RedisLocation, credentials: StoreCredentials? = nil, timeout: Int64 = 2_000_000_000,
    listener: (any StoreListener)?, clock: BootClock = .system
  ) {
    self.init(
      location, readCredentials: { () throws(StoreCredentials.Failure) in credentials }, timeout: timeout,
      listener: listener, clock: clock)
  }

  /// - Parameters:
  ///   - readCredentials: asked at each `open`, so that a password that was changed is taken over; nil: none. What it
  ///     throws makes the store unfit for now.
  ///   - timeout: how long the server may take to connect, and for each answer, in nanoseconds. The name of a host is
  ///     looked up at each `open`, which no timeout bounds but the resolver's own (resolv.conf(5)).
  ///   - listener: hears what others do, from the first `open` on; not kept alive.
  public init(
    _ location: RedisLocation, readCredentials: @escaping ReadCredentials, timeout: Int64,
    listener: (any StoreListener)?, clock: BootClock = .system
  ) {
    self.location = location
    self.readCredentials = readCredentials
    self.timeout = timeout
    self.listener = WeakListener(listener)
    self.clock = clock
    loading = RedisLane(to: location, counts: counts)
    applying = RedisLane(to: location, counts: counts)
  }

  deinit { close() }

  public var isShared: Bool { true }

  public var statistics: StoreStatistics {
    var statistics = counts.withLock { $0 }
    statistics.damaged = damaged.withLock { $0.count }
    return statistics
  }

  public func open() throws(StoreError) -> StoreFacts {
    try opening.withLock { () throws(StoreError) in
      disconnect("it is being connected to")
      let opening = RedisOpening(location: location, credentials: try credentials(), timeout: timeout)
      let opened = try opening.open(seen: session.withLock { $0.seen })
      let (facts, names) = (opened.facts, opened.scripts)
      let origin = try newOrigin()
      session.withLock {
        $0.storeID = facts.id
        $0.names = names
        $0.origin = origin
        $0.seen = max($0.seen, facts.lastVersion)
      }
      try start(opened)
      return facts
    }
  }

  private func credentials() throws(StoreError) -> StoreCredentials? {
    do throws(StoreCredentials.Failure) {
      return try readCredentials()
    } catch {
      throw .unfit(error.description)
    }
  }

  public func check() throws(StoreError) {
    for lane in [loading, applying] {
      if let reason = lane.probeUnlessBusy() {
        throw .unavailable("\(location): \(reason)", isDecided: true)
      }
    }
    if let reason = session.withLock({ $0.channel?.0.loss }) {
      throw .unavailable("\(location): \(reason)", isDecided: true)
    }
  }

  /// 0: the server does it.
  public func deleteExpired(endedFor age: Int64, limit: Int) throws(StoreError) -> Int { 0 }

  public func close() {
    opening.withLock { disconnect("closed") }
  }

  /// Holding `opening`.
  private func disconnect(_ reason: String) {
    if let (channel, thread) = session.withLock({ $0.channel.take() }) { channel.stop(thread) }
    loading.drop(reason)
    applying.drop(reason)
  }

  /// Holding `opening`. The lanes come first: the channel looks after them.
  private func start(_ opened: consuming RedisOpening.Opened) throws(StoreError) {
    loading.install(opened.load)
    applying.install(opened.apply)
    let reader = InvalidationReader(
      keyPrefix: key("s:", []), changes: key("changes", []), origin: terms.origin)
    do throws(SystemCallError) {
      let channel = try InvalidationChannel(
        opened.channel, reader: reader, lanes: [loading, applying], counts: counts, listener: listener)
      let thread = try channel.start()
      session.withLock { $0.channel = (channel, thread) }
    } catch {
      disconnect("\(error)")
      throw .unavailable("\(location): \(error)", isDecided: true)
    }
  }

  /// 16 digits.
  private func newOrigin() throws(StoreError) -> [UInt8] {
    do throws(SystemCallError) {
      let digits = Array(String(try randomWord(), radix: 16).utf8)
      return Array(repeating: UInt8(ascii: "0"), count: 16 - digits.count) + digits
    } catch { throw .unavailable("\(error)", isDecided: true) }
  }

  /// What was agreed upon at the opening, for the commands that follow.
  struct Terms {
    var storeID: UInt64
    var names: ScriptNames
    var origin: [UInt8]
  }

  var terms: Terms { session.withLock { Terms(storeID: $0.storeID, names: $0.names, origin: $0.origin) } }

  /// Remembers that a version was given.
  func note(version: UInt64) {
    session.withLock { $0.seen = max($0.seen, version) }
  }

  func key(_ kind: String, _ name: [UInt8]) -> [UInt8] {
    Array("\(location.prefix):\(kind)".utf8) + name
  }

  /// What to throw for an answer that is an error, or is none that fits the question. Lets go of the connection where no
  /// more can be expected of it.
  func failure(_ reply: RedisReply, on lane: RedisLane, isDecided: Bool = true) -> StoreError {
    guard case .error(let text) = reply else {
      lane.drop("it has answered what it was not asked")
      return .unavailable("\(location): it has answered what it was not asked", isDecided: isDecided)
    }
    if !RedisRefusal(text).leavesConnection { lane.drop(text) }
    return .unavailable("\(location): \(text)", isDecided: isDecided)
  }
}

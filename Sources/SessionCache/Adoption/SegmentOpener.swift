import Glibc
import SessionSegment
public import SystemCalls

/// Opens a cache at a path: takes over what the daemon before has left there, as far as it can be proved
/// right, or begins with nothing. The caller has the segment's lock.
///
/// At every moment of it a kill leaves all sessions at the path: a segment is taken over in place by steps each
/// of which may be the last, or its sessions are copied to a fresh file that then takes its place at once.
public struct SegmentOpener: Sendable {
  public var path: String
  /// The size of the segment in bytes.
  public var size: Int
  public var shardCount: Int
  public var settings: SessionCache.Settings
  public var clock: BootClock
  /// Which boot of the machine this is; nil where it is not known.
  public var boot: BootIdentity?
  /// How many threads read the records.
  public var threads: Int
  public var wakeReclaimer: @Sendable () -> Void
  /// What stands behind the cache.
  public var backing: Backing
  /// Whether the file itself is locked. Tests in which one process is several daemons do without.
  public var isExclusive = true

  public init(
    path: String, size: Int, shardCount: Int, settings: SessionCache.Settings,
    backing: Backing = .none, clock: BootClock, boot: BootIdentity?, threads: Int,
    wakeReclaimer: @escaping @Sendable () -> Void
  ) {
    self.path = path
    self.size = size
    self.shardCount = shardCount
    self.settings = settings
    self.backing = backing
    self.clock = clock
    self.boot = boot
    self.threads = threads
    self.wakeReclaimer = wakeReclaimer
  }

  private var names: SegmentPath { SegmentPath(path: path) }

  /// - Throws: `SegmentError.occupied` or `owner` if a file is there that is no segment, or another user's;
  ///   `SegmentError.size` for a size that no segment can have; `SystemCallError` if the file system has no
  ///   room, or a file can't be opened.
  public func open() throws -> (cache: SessionCache, origin: SegmentOrigin) {
    guard
      let wanted = SegmentGeometry(
        bytes: size, shards: shardCount, sessionBytesMost: settings.sessionBytesMost)
    else { throw SegmentError.size(size) }
    let (cache, origin) = try open(wanted)
    // What is changed without a store, that one does not hear of: it is another one's cache from now on.
    if backing == .none {
      cache.storeID = 0
      cache.storeSeen = 0
      cache.storeLead = .memory
    }
    cache.header.boot = (boot?.first ?? 0, boot?.second ?? 0)
    cache.header.isSuperseded = false
    // What ended while no daemon ran.
    _ = cache.sweep(at: clock.now()) { true }
    return (cache, origin)
  }

  private func open(_ wanted: SegmentGeometry) throws -> (SessionCache, SegmentOrigin) {
    // A fresh file that never took its place.
    guard unlink(names.fresh) == 0 || errno == ENOENT else { throw SystemCallError("unlink", errno) }
    switch try FoundFile.look(at: path) {
    case .nothing: return (try inPlace { try makeEmpty(wanted, lastVersion: 0, after: nil) }, .fresh)
    case .foreign: throw SegmentError.occupied
    case .anothers(let uid): throw SegmentError.owner(uid)
    case .illegible(let reason, let lastVersion, let guess?):
      let old = try SegmentFile.adopt(path: path, geometry: guess, claiming: isExclusive)
      let survey = try survey(old, guess, demandingPlaces: false)
      return try setAside(old, survey, wanted, reason: reason, lastVersion: lastVersion)
    case .illegible(let reason, let lastVersion, nil):
      // Who has it mapped must turn away from it, whatever format it has.
      try SegmentFile.markSuperseded(path: path, claiming: isExclusive)
      return try setAside(nil, nil, wanted, reason: reason, lastVersion: lastVersion)
    case .segment(let facts):
      return try takeOver(
        try SegmentFile.adopt(path: path, geometry: facts.geometry, claiming: isExclusive), facts.geometry,
        wanted)
    }
  }

  // MARK: Taking over

  private func takeOver(
    _ old: SegmentFile, _ geometry: SegmentGeometry, _ wanted: SegmentGeometry
  ) throws -> (SessionCache, SegmentOrigin) {
    let header = SegmentHeader(old.mapping)
    if let boot, header.boot != (0, 0), header.boot != (boot.first, boot.second) {
      return try setAside(
        old, nil, wanted, reason: "it is from before the machine's last start",
        lastVersion: header.lastVersion)
    }
    var survey = try survey(old, geometry, demandingPlaces: true)
    if survey.takeBackRename(header) { survey = try self.survey(old, geometry, demandingPlaces: true) }
    guard survey.flaws == 0, header.lastVersion < RecordStamp.versionsEnd else {
      // The seed by which places are found may be what is damaged.
      return try setAside(
        old, self.survey(old, geometry, demandingPlaces: false), wanted,
        reason: "\(max(1, survey.flaws)) things in it can't be right",
        lastVersion: header.lastVersion)
    }
    guard geometry != wanted else { return try takeOverInPlace(old, survey, wanted, keptFor: nil) }
    do {
      let cache = try inPlace(superseding: old) { try makeCopy(old, survey, wanted, header.lastVersion) }
      return (cache, .moved(sessions: cache.sessionCount))
    } catch CacheError.full {
      let reason =
        "the sessions have no room in another segment of \(wanted.bytes) bytes, or that one has none beside this one"
      return try takeOverInPlace(old, survey, wanted, keptFor: reason)
    } catch let error as SystemCallError where error.code == ENOSPC || error.code == ENOMEM {
      return try takeOverInPlace(
        old, survey, wanted, keptFor: "the file system has no room for another segment beside it")
    }
  }

  private func takeOverInPlace(
    _ old: SegmentFile, _ survey: SegmentSurvey, _ wanted: SegmentGeometry, keptFor reason: String?
  ) throws -> (SessionCache, SegmentOrigin) {
    guard
      let cache = try SessionCache(
        adopting: old, survey, settings: settings, backing: backing, wakeReclaimer: wakeReclaimer)
    else {
      return try setAside(
        old, survey, wanted, reason: "its blocks overlap", lastVersion: SegmentHeader(old.mapping).lastVersion
      )
    }
    let sessions = cache.sessionCount
    return (cache, reason.map { .keptAsItIs(sessions: sessions, reason: $0) } ?? .adopted(sessions: sessions))
  }

  private func survey(
    _ segment: SegmentFile, _ geometry: SegmentGeometry, demandingPlaces: Bool
  ) throws(SystemCallError) -> SegmentSurvey {
    try SegmentSurvey(
      segment, geometry, threads: threads, at: clock.now(), demandingPlaces: demandingPlaces)
  }

  // MARK: Setting aside

  /// Begins with a fresh segment and what is right of the old one, which gets another name.
  private func setAside(
    _ old: SegmentFile?, _ survey: SegmentSurvey?, _ wanted: SegmentGeometry, reason: String,
    lastVersion: UInt64
  ) throws -> (SessionCache, SegmentOrigin) {
    let aside = names.aside(at: Int(clock.wallClock() / 1_000_000_000))
    // No version may come again. What the file says of the last one may be wrong, too.
    let seen = survey?.highestVersion ?? 0
    let plausible = lastVersion < RecordStamp.versionsEnd / 4 * 3 ? lastVersion : 0
    let next = max(plausible, seen) + 1 << 32
    try names.link(as: aside)
    let cache: SessionCache
    do {
      cache = try inPlace(superseding: old) {
        if let old, let survey { return try makeCopy(old, survey, wanted, next, mayLeaveOut: true) }
        return try makeEmpty(wanted, lastVersion: next, after: old)
      }
    } catch {
      // It stays where it is, for a start with more room.
      unlink(aside)
      throw error
    }
    names.removeAside(but: aside)
    return (cache, .setAside(path: aside, reason: reason, sessions: cache.sessionCount))
  }

  // MARK: Fresh segments

  /// Makes a segment beside the path and puts it there once it is whole.
  private func inPlace(
    superseding old: SegmentFile? = nil, _ make: () throws -> SessionCache
  ) throws -> SessionCache {
    do {
      let cache = try make()
      // First, so that no reader goes on with the old one when it has lost its place.
      if let old { SegmentHeader(old.mapping).isSuperseded = true }
      try names.putFreshInPlace()
      return cache
    } catch {
      unlink(names.fresh)
      throw error
    }
  }

  /// - Parameter old: the segment in whose place it comes, behind whose events its own are numbered.
  private func makeEmpty(
    _ geometry: SegmentGeometry, lastVersion: UInt64, after old: SegmentFile?
  ) throws -> SessionCache {
    let file = try SegmentFile.create(path: names.fresh, geometry: geometry, claiming: isExclusive)
    return try SessionCache(
      empty: file, geometry, lastVersion: lastVersion,
      lastEvent: old.map { SegmentHeader($0.mapping).lastEvent } ?? 0, settings: settings,
      backing: backing, wakeReclaimer: wakeReclaimer)
  }

  /// - Parameter mayLeaveOut: whether to go on without the sessions that have no room.
  /// - Throws: `CacheError.full` if not all sessions have room.
  private func makeCopy(
    _ old: SegmentFile, _ survey: SegmentSurvey, _ geometry: SegmentGeometry, _ lastVersion: UInt64,
    mayLeaveOut: Bool = false
  ) throws -> SessionCache {
    let cache = try makeEmpty(geometry, lastVersion: lastVersion, after: old)
    cache.storeID = SegmentHeader(old.mapping).storeID
    cache.storeLead = SegmentHeader(old.mapping).storeLead
    cache.storeSeen = SegmentHeader(old.mapping).storeSeen
    let now = clock.now()
    for shard in survey.shards {
      for page in shard.pages {
        for entry in page.entries {
          do throws(CacheError) {
            try cache.insertCopy(of: entry.word, in: old.mapping, at: now)
          } catch {
            guard mayLeaveOut else { throw error }
          }
        }
      }
    }
    return cache
  }
}

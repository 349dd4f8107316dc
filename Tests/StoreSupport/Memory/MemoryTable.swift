public import SessionStore
import SystemCalls

/// The records of one or more `MemoryStore`s, which are to it what connections are to a server. The model that other
/// stores are compared with, so it is written to be plain and not to be fast.
public final class MemoryTable: Sendable {
  struct Contents {
    var records: [[UInt8]: StoredRecord] = [:]
    var damaged: Set<[UInt8]> = []
    /// Of every id that was ever saved, in the order in which that happened first.
    var serials: [[UInt8]: UInt64] = [:]
    var lastVersion: UInt64 = 0

    /// The version that it has.
    mutating func put(_ record: StoredRecord, _ isShared: Bool) -> UInt64 {
      var record = record
      if isShared, record.version != records[record.id]?.version { record.version = lastVersion + 1 }
      lastVersion = max(lastVersion, record.version)
      records[record.id] = record
      damaged.remove(record.id)
      serials[record.id] = serials[record.id] ?? UInt64(serials.count)
      return record.version
    }

    mutating func remove(_ id: [UInt8]) {
      records[id] = nil
      damaged.remove(id)
    }
  }

  public let id: UInt64
  public let isShared: Bool
  private let now: @Sendable () -> Int64
  private let contents: Guarded<Contents>
  private let stores = Guarded<[WeakStore]>([])

  private struct WeakStore { weak var store: MemoryStore? }

  /// - Parameters:
  ///   - id: of the store; another one for another table.
  ///   - now: nanoseconds since 1970.
  public init(id: UInt64 = 1, isShared: Bool, now: @escaping @Sendable () -> Int64) {
    self.id = id
    self.isShared = isShared
    self.now = now
    contents = Guarded(Contents())
  }

  /// What there is under an id, its time over or not.
  public func record(_ id: [UInt8]) -> StoredRecord? { contents.withLock { $0.records[id] } }

  /// All records, their time over or not.
  public var records: [[UInt8]: StoredRecord] { contents.withLock { $0.records } }

  public var lastVersion: UInt64 { contents.withLock { $0.lastVersion } }

  /// From now on the record under the id can't be read, until it is saved again.
  public func damage(_ id: [UInt8]) { contents.withLock { _ = $0.damaged.insert(id) } }

  func enter(_ store: MemoryStore) { stores.withLock { $0.append(WeakStore(store: store)) } }

  /// All stores but one, which hear of what that one changed.
  func others(than store: MemoryStore) -> [MemoryStore] {
    stores.withLock { $0.compactMap(\.store).filter { $0 !== store } }
  }

  func load(_ ids: [[UInt8]]) -> [StoreFinding] {
    let now = now()
    return contents.withLock { contents in
      var findings: [StoreFinding] = []
      var bytes = 0
      for id in ids where bytes < StoreLimits.answerBytes {
        if contents.damaged.contains(id) {
          findings.append(.damaged)
        } else if let record = contents.records[id], record.deadline > now {
          findings.append(.record(record))
          bytes += record.body.count
        } else {
          findings.append(.nothing)
        }
      }
      return findings
    }
  }

  /// Makes changes that no store is asked for.
  public func apply(_ changes: [StoreChange]) -> [StoreOutcome] {
    let now = now()
    return contents.withLock { contents in changes.map { Self.apply($0, to: &contents, isShared, now) } }
  }

  private static func apply(
    _ change: StoreChange, to contents: inout Contents, _ isShared: Bool, _ now: Int64
  ) -> StoreOutcome {
    /// Whether a change rests on what is there: an EXPIRE keeps the version.
    func has(_ present: StoredRecord, _ version: UInt64, _ ttl: Int64?) -> Bool {
      guard present.version == version else { return false }
      return present.ttl == ttl ?? present.ttl
    }
    /// A record whose time is over may be replaced by who knows it, and by who found nothing.
    func isReplaced(_ id: [UInt8], _ version: UInt64?, _ ttl: Int64? = nil) -> Bool {
      guard isShared, let version else { return true }
      guard let present = contents.records[id] else { return version == 0 }
      return has(present, version, ttl) || version == 0 && present.deadline <= now
    }
    switch change {
    case .save(let record, let version, let ttl):
      guard isReplaced(record.id, version, ttl) else { return .conflict }
      return .done(version: contents.put(record, isShared))
    case .remove(let id, let version):
      guard isReplaced(id, version) else { return .conflict }
      contents.remove(id)
      return .done(version: 0)
    case .extend(let id, let version, let ttl, let deadline):
      guard !contents.damaged.contains(id) else { return isShared ? .conflict : .damaged }
      guard let present = contents.records[id], has(present, version, ttl) else { return .conflict }
      contents.records[id]?.deadline = max(present.deadline, deadline)
      return .done(version: version)
    case .rename(let ending, let session, let version, let ttl):
      guard isReplaced(ending.id, version, ttl), isReplaced(session.id, 0) else { return .conflict }
      _ = contents.put(ending, isShared)
      return .done(version: contents.put(session, isShared))
    }
  }

  /// What can be read and lives, in some order that stays.
  private func living() -> [StoredRecord] {
    let now = now()
    return contents.withLock { contents in
      contents.records.values.filter { $0.deadline > now && !contents.damaged.contains($0.id) }
    }
  }

  func recent(from cursor: StoreCursor?, limit: Int) -> StorePage<StoredRecord> {
    let first = cursor.map { RecentPlace($0) }
    let serials = contents.withLock { $0.serials }
    let page = living()
      .map { (place: RecentPlace(lastUse: $0.lastUse, serial: serials[$0.id] ?? 0), record: $0) }
      .filter { entry in first.map { $0 < entry.place } ?? true }
      .sorted { $0.place < $1.place }
    var bytes = 0
    let count = page.prefix(limit).prefix { entry in
      defer { bytes += entry.record.body.count }
      return bytes < StoreLimits.answerBytes
    }.count
    return StorePage(
      page.prefix(count).map(\.record), next: count == page.count ? nil : page[count - 1].place.cursor)
  }

  func ids(
    _ selection: StoreSelection, from cursor: StoreCursor?, limit: Int
  ) -> StorePage<[UInt8]> {
    let ids = living()
      .filter { record in
        guard record.kind == .session else { return false }
        return switch selection {
        case .prefix(let prefix): record.id.starts(with: prefix)
        case .tag(let tag): record.tags.contains(tag)
        }
      }
      .map(\.id)
      .filter { id in cursor.map { $0.bytes.lexicographicallyPrecedes(id) } ?? true }
      .sorted { $0.lexicographicallyPrecedes($1) }
    let isAll = ids.count <= limit
    return StorePage(Array(ids.prefix(limit)), next: isAll ? nil : StoreCursor(ids[limit - 1]))
  }

  func deleteExpired(endedFor age: Int64, limit: Int) -> Int {
    let moment = now() - age
    return contents.withLock { contents in
      let expired = contents.records.values.filter { $0.deadline <= moment }.prefix(limit)
      for record in expired { contents.records[record.id] = nil }
      return expired.count
    }
  }
}

import CLinux
public import SessionSegment
import Synchronization
import SystemCalls

/// How the store behind the cache is told of changes.
extension SessionCache {
  /// So many bytes of records are copied in one hold of a shard's lock: some tens of microseconds.
  private static let copiedAtOnce = 128 * 1024

  /// How many ids the store has not heard the latest of.
  public var unsavedCount: Int { shards.reduce(0) { $0 + $1.unsavedCount.load(ordering: .relaxed) } }

  /// The number of the store whose cache this is; 0 for none.
  public var storeID: UInt64 {
    get { header.storeID }
    set { header.storeID = newValue }
  }

  /// Where changes are made first.
  public var storeLead: StoreLead {
    get { header.storeLead }
    set { header.storeLead = newValue }
  }

  /// When a shared store was seen last, in nanoseconds of CLOCK_BOOTTIME; 0 where that is not known.
  public var storeSeen: Int64 {
    get { header.storeSeen }
    set { header.storeSeen = newValue }
  }

  /// The last version that was given, or that came from the store.
  public var lastVersion: UInt64 { header.lastVersion }

  /// Sees to it that new versions are later than this one.
  public func skipVersions(to version: UInt64) { header.skipVersions(to: version) }

  /// Copies records that the store has not heard of, until about so many or so many bytes have come together. What is unsaved when a
  /// walk begins is met by it, unless it was saved meanwhile. Start with `UnsavedCursor()` and go on until nil comes
  /// back.
  ///
  /// - Parameter withBody: whether the sessions' data is wanted, or only their times.
  public func collectUnsaved(
    _ cursor: UnsavedCursor, recordsMost: Int, bytesMost: Int, withBody: Bool, at now: Int64
  ) -> (records: [UnsavedRecord], next: UnsavedCursor?) {
    var records: [UnsavedRecord] = []
    var bytes = 0
    var cursor = cursor
    while bytes < bytesMost, records.count < recordsMost {
      let number = cursor.shard
      let shard = shards[number]
      var isPageDone = true
      let next: PageCursor? =
        shard.unsavedCount.load(ordering: .relaxed) == 0
        ? nil
        : shard.lock.withReadLock {
          let page = shard.page(at: cursor.page)
          var rest = min(Self.copiedAtOnce, bytesMost - bytes)
          for slot in 0..<BucketPage.slots {
            let word = page.slot(slot)
            guard word.isUnsaved else { continue }
            let record = shard.record(at: word.offset)
            guard !cursor.taken.contains(record.version) else { continue }
            guard rest > 0 else {
              isPageDone = false
              break
            }
            cursor.taken.insert(record.version)
            let unsaved = unsaved(record, number, word.tag, withBody: withBody, at: now)
            records.append(unsaved)
            rest -= unsaved.image.size
            bytes += unsaved.image.size
          }
          return cursor.page.next(depth: page.depth)
        }
      guard isPageDone else { continue }
      cursor.taken = []
      if let next {
        cursor.page = next
      } else {
        cursor.shard += 1
        cursor.page = .start
        guard cursor.shard < shards.count else { return (records, nil) }
      }
    }
    return (records, cursor)
  }

  private func unsaved(
    _ record: borrowing RecordView, _ shard: Int, _ tag: SlotTag, withBody: Bool, at now: Int64
  ) -> UnsavedRecord {
    // A shared store lets sessions end by itself.
    let isOver = backing == .own && record.isExpired(at: now, lifetime: header.lifetimeNanoseconds)
    var image = RecordImage(record, withBody: withBody && !isOver)
    if isOver { image.kind = .absence }
    return UnsavedRecord(
      image: image, shard: shard, tag: tag, version: record.version, ttl: record.ttl,
      deadline: record.deadline)
  }

  /// Copies what memory has under an id, whole; nil if that is not this version any more, or its time is over.
  public func image(of id: Span<UInt8>, version: UInt64, at now: Int64) -> RecordImage? {
    id.withUnsafeBytes { id -> RecordImage? in
      let hash = hash(id)
      let shard = shard(hash)
      return shard.lock.withReadLock { () -> RecordImage? in
        guard let place = shard.find(hash.tag, id) else { return nil }
        let record = shard.record(at: place.offset)
        guard record.version == version, !record.isExpired(at: now, lifetime: header.lifetimeNanoseconds)
        else { return nil }
        return RecordImage(record)
      }
    }
  }

  /// The store has these now: those that have not changed since are saved, and those that are over leave the index.
  public func settle(_ records: [UnsavedRecord], at now: Int64) {
    for saved in records {
      let shard = shards[saved.shard]
      let ended: Int? = shard.lock.withWriteLock {
        var found: IndexShard.Place?
        shard.forEachPlace(of: saved.tag) { place in
          let record = shard.record(at: place.offset)
          let isSame = record.isSession || record.deadline == saved.deadline
          if isSame, record.version == saved.version, record.ttl == saved.ttl { found = place }
        }
        guard let place = found, place.page.slot(place.slot).isUnsaved else { return nil }
        let record = shard.record(at: place.offset)
        shard.mark(place, isUnsaved: false)
        // As the store has it: a later use shows by that.
        shard.setDue(place, due(of: record, endingAt: saved.deadline))
        guard saved.image.kind == .absence, !record.isAbsence,
          record.isExpired(at: now, lifetime: header.lifetimeNanoseconds)
        else { return nil }
        dropExpired(place, from: shard, hash(record.rawID))
        return place.offset
      }
      if let ended { release(ended) }
    }
  }

  // MARK: Uses

  /// Marks sessions that were used since they were saved as unsaved, so that the store hears until when they live. One
  /// page of the index. Start with `WalkCursor()` and go on until nil comes back.
  ///
  /// - Parameter leastTTL: becomes the shortest idle time of a session on the page, in nanoseconds, if that is shorter.
  public func markUsed(_ cursor: WalkCursor, leastTTL: inout Int64) -> WalkCursor? {
    walk(cursor) { shard, page, _ in
      forEach(in: page) { _, word in
        linux_prefetch(mapping.base + word.offset)
        return false
      }
      forEach(in: page) { slot, word in
        let place = IndexShard.Place(page: page, slot: slot, offset: word.offset)
        let record = shard.record(at: word.offset)
        if record.isSession { leastTTL = min(leastTTL, record.ttl) }
        if isUsed(place, of: shard) { shard.mark(place, isUnsaved: true) }
        return false
      }
    }
  }

  /// Marks everything as unsaved: the store is another one than before. What is known to be absent may be there.
  /// One page of the index. Start with `WalkCursor()` and go on until nil comes back.
  public func markAllUnsaved(_ cursor: WalkCursor) -> WalkCursor? {
    walk(cursor) { shard, page, ended in
      forEach(in: page) { slot, word in
        let place = IndexShard.Place(page: page, slot: slot, offset: word.offset)
        guard !shard.record(at: word.offset).isAbsence || word.isUnsaved else {
          ended.append(word.offset)
          forget(place, from: shard)
          return true
        }
        shard.mark(place, isUnsaved: true)
        return false
      }
    }
  }
}

import SessionSegment
import SystemCalls

extension SessionCache {
  /// A part of the list of all sessions.
  public struct Listing: Sendable, Equatable {
    /// The ids, in the order of their hashes.
    public var ids: [[UInt8]] = []
    /// The id to go on after; nil at the end.
    public var next: [UInt8]?
  }

  /// How many sessions one call looks at, so that a prefix that hardly any id has does not hold up the
  /// caller: with a cache miss for each that is a few milliseconds.
  static let listedMost = 10_000

  /// Ids that begin with `prefix`, behind `after` in an order that has no meaning and does not change,
  /// at most `limit`. A session that is there during a whole listing is listed exactly once. Slides no
  /// time to live; no lock is held for more than one page of the index.
  public func list(prefix: [UInt8], after: [UInt8], limit: Int, at now: Int64) -> Listing {
    var walk = ListWalk(prefix: prefix, after: after, limit: limit)
    var shardNumber = 0
    var cursor = PageCursor.start
    if !walk.after.isEmpty {
      let hash = walk.after.withUnsafeBytes { SessionHash($0, seed: seed) }
      shardNumber = hash.shard(bitCount: shardBits)
      cursor = PageCursor(hash.tag)
      walk.afterTag = hash.tag
    }
    while shardNumber < shards.count {
      let shard = shards[shardNumber]
      let (entries, next) = shard.lock.withReadLock { () -> ([ListWalk.Entry], PageCursor?) in
        let page = shard.page(at: cursor)
        return (listed(of: page, in: shard, walk, from: cursor, at: now), cursor.next(depth: page.depth))
      }
      walk.take(entries)
      if walk.isFull { break }
      walk.afterTag = nil
      shardNumber += next == nil ? 1 : 0
      cursor = next ?? .start
    }
    return walk.listing
  }

  /// The page's entries behind the walk's place, in order.
  private func listed(
    of page: BucketPage, in shard: IndexShard, _ walk: ListWalk, from cursor: PageCursor, at now: Int64
  ) -> [ListWalk.Entry] {
    let lifetime = header.lifetimeNanoseconds
    var found: [ListWalk.Entry] = []
    for slot in 0..<BucketPage.slots {
      let word = page.slot(slot)
      // Pages that were joined meanwhile hold entries that were listed before.
      guard !word.isEmpty, word.tag >= SlotTag(directoryPrefix: cursor.prefix) else { continue }
      if let afterTag = walk.afterTag, word.tag < afterTag { continue }
      let record = shard.record(at: word.offset)
      guard record.isSession, !record.isExpired(at: now, lifetime: lifetime) else { continue }
      let entry = ListWalk.Entry(tag: word.tag, id: [UInt8](record.rawID))
      if let afterTag = walk.afterTag, word.tag == afterTag, !walk.after.lexicographicallyPrecedes(entry.id) {
        continue
      }
      found.append(entry)
    }
    return found.sorted { a, b in
      a.tag != b.tag ? a.tag < b.tag : a.id.lexicographicallyPrecedes(b.id)
    }
  }
}

/// How far one call of `list` has come.
struct ListWalk {
  struct Entry {
    let tag: SlotTag
    let id: [UInt8]
  }

  let prefix: [UInt8]
  let after: [UInt8]
  let limit: Int
  /// The place in the first page; nil in those behind it.
  var afterTag: SlotTag?
  private(set) var listing = SessionCache.Listing()
  private var looked = 0

  init(prefix: [UInt8], after: [UInt8], limit: Int) {
    self.prefix = prefix
    self.after = after
    self.limit = limit
  }

  var isFull: Bool { listing.next != nil }

  /// Takes entries until the call has done its share; the last one looked at is then the place to go
  /// on from.
  mutating func take(_ entries: [Entry]) {
    for entry in entries {
      looked += 1
      if entry.id.starts(with: prefix) { listing.ids.append(entry.id) }
      if listing.ids.count == limit || looked == SessionCache.listedMost {
        listing.next = entry.id
        return
      }
    }
  }
}

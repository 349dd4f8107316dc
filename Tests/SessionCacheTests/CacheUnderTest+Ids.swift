import SessionSegment

@testable import SessionCache

/// Tags, log-out, renaming and restoring, with strings.
extension CacheUnderTest {
  /// Words one after the other, and where each is.
  private func joined(_ words: [String]) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for word in words {
      ranges.append(bytes.count..<bytes.count + word.utf8.count)
      bytes += word.utf8
    }
    return (bytes, ranges)
  }

  @discardableResult
  func tag(_ id: String, _ tags: String...) throws(CacheError) -> Int? {
    let (id, words) = (Array(id.utf8), joined(tags))
    return try cache.addTags(id.span, words.ranges, of: words.bytes.span, at: now)
  }

  @discardableResult
  func untag(_ id: String, _ tags: String...) throws(CacheError) -> Int? {
    let (id, words) = (Array(id.utf8), joined(tags))
    return try cache.removeTags(id.span, words.ranges, of: words.bytes.span, at: now)
  }

  func tags(_ id: String) -> [String]? {
    let id = Array(id.utf8)
    return cache.tags(of: id.span, at: now)?.map { String(decoding: $0, as: UTF8.self) }
  }

  /// All ids with a tag, page by page.
  func tagged(_ tag: String, limit: Int = 7) -> [String] {
    let tag = Array(tag.utf8)
    var ids = cache.tagged(tag.span, after: nil, limit: limit, at: now)
    var page = ids
    while page.count == limit, let last = page.last {
      page = cache.tagged(tag.span, after: last.span, limit: limit, at: now)
      ids += page
    }
    return ids.map { String(decoding: $0, as: UTF8.self) }
  }

  @discardableResult
  func revoke(_ id: String) throws(CacheError) -> Bool {
    let id = Array(id.utf8)
    return try cache.revoke(id.span, at: now, by: ChangeOrigin(uid: 7, pid: 8))
  }

  func revokeAll(_ tag: String) throws(CacheError) -> Int {
    let tag = Array(tag.utf8)
    var cursor: TagCursor? = TagCursor()
    var revoked = 0
    while let place = cursor {
      let step = try cache.revokeAll(tag.span, place, at: now, by: nil)
      revoked += step.revoked
      cursor = step.next
    }
    return revoked
  }

  @discardableResult
  func rename(_ old: String, to new: String, grace: Int64? = nil) throws(CacheError) -> Bool {
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    return try cache.rename(old.span, to: new.span, grace: grace, at: now, by: ChangeOrigin(uid: 7, pid: 8))
  }

  func restore(
    _ id: String, _ fields: [(String, String)], _ options: SessionCache.RestoreOptions = .init(),
    tags: [String] = []
  ) throws(CacheError) -> UInt64 {
    let (id, words) = (Array(id.utf8), joined(fields.flatMap { [$0.0, $0.1] } + tags))
    var edits = FieldEdits(seed: cache.hashSeed)
    for index in fields.indices {
      edits.add(key: words.ranges[2 * index], value: words.ranges[2 * index + 1], in: words.bytes.span)
    }
    var options = options
    options.tags = Array(words.ranges.dropFirst(2 * fields.count))
    return try cache.restore(id.span, &edits, of: words.bytes.span, options, at: now)
  }

  func end(_ id: String) -> EndLog.End? {
    let id = Array(id.utf8)
    return cache.ends.find(id.span)
  }

  /// What the tag index holds, and what it should hold by the records.
  var tagIndex: (pairs: [TagPair], ofRecords: [TagPair]) {
    var pairs: [TagPair] = []
    for shard in cache.shards {
      var cursor: PageCursor? = .start
      while let place = cursor {
        let page = shard.page(at: place)
        for slot in 0..<BucketPage.slots where !page.slot(slot).isEmpty {
          let record = shard.record(at: page.slot(slot).offset)
          let session = cache.hash(record.rawID).bits
          record.forEachTag { pairs.append(TagPair(tag: cache.tags.hash($0), session: session)) }
        }
        cursor = place.next(depth: page.depth)
      }
    }
    return (cache.tags.all, pairs.sorted())
  }
}

import SessionSegment
import SystemCalls

extension SessionCache {
  /// Takes a segment over in place, with the sessions that are in it, and ends what a kill has cut short. Clients
  /// that have it mapped may go on reading all the while.
  ///
  /// - Returns: nil if blocks and records can't be brought together, with nothing changed.
  convenience init?(
    adopting segment: SegmentFile, _ survey: SegmentSurvey, settings: Settings, backing: Backing,
    wakeReclaimer: @escaping @Sendable () -> Void
  ) throws {
    guard let facts = SegmentHeader(segment.mapping).facts else { return nil }
    let allocator = try SegmentAllocator(facts.geometry, in: segment)
    guard let twiceEntered = allocator.adopt(survey) else { return nil }
    try self.init(segment, facts.geometry, allocator, settings, backing, wakeReclaimer)
    var pairs: [TagPair] = []
    for (shard, found) in zip(shards, survey.shards) {
      shard.adopt(
        found, due: { due(of: $0) },
        tagged: { record in
          guard backing == .none else { return }
          let session = hash(record.rawID)
          record.forEachTag { pairs.append(TagPair(tag: tags.hash($0), session: session.bits)) }
        })
    }
    tags.adopt(pairs)
    for entry in twiceEntered {
      let shard = shards[entry.shard]
      shard.closeGap(entry.page, between: entry.slots) { record in tags.remove(record, hash(record.rawID)) }
    }
    allocator.finishAdoption(mapping)
    try allocator.releaseUnused(survey.runs, segment.pages)
  }

  /// Adds a session as it stands in another segment, under its version. One whose time is over is left out; of two
  /// with one id, which only damage can bring about, the later one stays.
  ///
  /// - Throws: `full`.
  func insertCopy(of word: SlotWord, in other: SegmentMapping, at now: Int64) throws(CacheError) {
    let source = other.base + word.offset
    let lifetime = header.lifetimeNanoseconds
    try refilling { () throws(Interruption) in
      let record = RecordView(at: source)
      // What the store does not know to be over yet stays until it does.
      guard !record.isExpired(at: now, lifetime: lifetime) || (isBacked && word.isUnsaved) else { return }
      let hash = hash(record.rawID)
      let shard = shard(hash)
      try shard.lock.withWriteLock { () throws(Interruption) in
        if let place = shard.find(hash.tag, record.rawID) {
          let other = shard.record(at: place.offset)
          guard other.version < record.version else { return }
          shard.remove(place)
          tags.remove(other, hash)
          release(place.offset)
        }
        try shard.makeRoom(hash.tag)
        guard let target = allocator.allocate(record.size) else {
          throw .needsPages(.init(bytes: record.size))
        }
        let body = RecordLayout.deadline
        SharedWords.move(
          from: source + body, bytes: RecordLayout.wholeWords(record.size) - body,
          to: mapping.base + target + body)
        RecordStamp(version: record.version).publish(at: mapping.base + target)
        tags.add(shard.record(at: target), hash)
        shard.insert(
          hash.tag, offset: target, due: due(of: shard.record(at: target)), isUnsaved: word.isUnsaved)
      }
    }
  }
}

import SessionSegment

/// Whether what lies somewhere in a segment is a record, whole and unchanged since it was written.
struct RecordProof {
  let mapping: SegmentMapping
  let pages: PageSet
  /// nil where the seed may be what is damaged: records are taken wherever they stand then.
  let seed: HashSeed?
  /// Nanoseconds of CLOCK_BOOTTIME.
  let now: Int64
  let shardBits: Int

  /// The size of the record that an index word of a shard names; nil if there is none, or none that the
  /// word can be of. A checksum speaks for the bytes, the hash of its id for its place in the index.
  func recordBytes(_ word: SlotWord, shard: Int) -> Int? {
    let offset = word.offset
    guard pages.contains(offset: offset, bytes: RecordLayout.headerBytes) else { return nil }
    let record = RecordView(at: mapping.base + offset)
    let bytes = record.size
    guard record.stamp.isLive,
      bytes > RecordLayout.headerBytes, pages.contains(offset: offset, bytes: RecordLayout.wholeWords(bytes)),
      record.isWellFormed(bytes: bytes), (1...RecordLayout.ttlMost).contains(record.ttl),
      record.created <= now,
      record.deadline <= now &+ RecordLayout.ttlMost,
      RecordChecksum.of(mapping.base + offset, size: bytes) == record.checksum
    else { return nil }
    guard let seed else { return bytes }
    let hash = SessionHash(record.rawID, seed: seed)
    guard hash.tag == word.tag, hash.shard(bitCount: shardBits) == shard else { return nil }
    return bytes
  }
}

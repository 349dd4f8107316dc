import Synchronization

/// Where a session's record was seen, and what must still be so when it has been copied. It can't be
/// copied, so that it is asked about the read that it was made for.
struct RecordSighting: ~Copyable {
  enum Search: ~Copyable {
    case seen(RecordSighting)
    case missing
    /// Something was amid a change, or can't be right.
    case doubt
  }

  let record: UnsafeRawPointer
  let stamp: RecordStamp
  /// The bytes from the record's beginning to the end of the mapping.
  let room: Int
  private let slot: UnsafeRawPointer
  private let slotWord: UInt64
  private let structure: UnsafeRawPointer
  private let structureNumber: UInt64

  /// Looks a session up.
  @inline(__always)
  static func search(
    _ reader: SegmentReader, _ hash: SessionHash, shard: Int, _ id: UnsafeRawBufferPointer
  ) -> Search {
    let entry = reader.base + SegmentLayout.shardTableOffset + shard * SegmentLayout.shardEntryBytes
    // Acquiring: the directory is read after the number that says whether it was the shard's all the time.
    let structureNumber = SharedWords.word(entry + ShardEntry.structureOffset).pointee.load(
      ordering: .acquiring)
    let tag = hash.tag
    guard let page = bucketPage(reader, entry, tag) else { return .doubt }
    var index = tag.home
    for _ in 0..<BucketPage.slots {
      let slot = page + BucketPage.slotsOffset + index * 8
      // Acquiring: the record is read after the word that publishes it.
      let word = SlotWord(rawValue: SharedWords.word(slot).pointee.load(ordering: .acquiring))
      if word.isEmpty { return .missing }
      index = index + 1 == BucketPage.slots ? 0 : index + 1
      guard word.tag == tag else { continue }
      let room = reader.size - word.offset
      guard room >= RecordLayout.wholeWords(RecordLayout.headerBytes + id.count) else { return .doubt }
      let record = reader.base + word.offset
      // Acquiring: the rest of the record is read after its stamp.
      let stamp = RecordStamp(rawValue: SharedWords.word(record).pointee.load(ordering: .acquiring))
      guard stamp.isLive else { return .doubt }
      let ids = SharedBytes(base: record, count: room)
      guard SharedWords.load(record + RecordLayout.idLength) & 0xFF == UInt64(id.count),
        ids.equals(id, at: RecordLayout.headerBytes)
      else { continue }
      return .seen(
        RecordSighting(
          record: record, stamp: stamp, room: room, slot: slot, slotWord: word.rawValue,
          structure: entry + ShardEntry.structureOffset, structureNumber: structureNumber))
    }
    return .doubt
  }

  /// The page in which a tag's entries are.
  @inline(__always)
  private static func bucketPage(
    _ reader: SegmentReader, _ entry: UnsafeRawPointer, _ tag: SlotTag
  ) -> UnsafeRawPointer? {
    // Acquiring: the directory is read after the word that names it.
    let word = SharedWords.word(entry).pointee.load(ordering: .acquiring)
    let depth = Int(word & 0xFF)
    let directory = Int(word >> 8) * SegmentLayout.blockAlignment
    guard depth <= ShardEntry.depthMost, directory >= SegmentLayout.pageBytes,
      directory <= reader.size - 4 << depth
    else { return nil }
    let cell = reader.base + directory + tag.directoryIndex(depth: depth) * 4
    // Acquiring: the page is read after the number that names it. A directory's cells are aligned.
    let number = cell.assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .acquiring)
    let page = Int(number) * SegmentLayout.pageBytes
    guard page <= reader.size - SegmentLayout.pageBytes else { return nil }
    return reader.base + page
  }

  /// Whether the record is still the one that was seen, and still the session's.
  @inline(__always)
  var isUnchanged: Bool {
    // Acquiring: what was copied before is from before what is loaded now. It goes with the releasing fences
    // of the writer, after it has taken a stamp away and after it has raised a structure number.
    atomicMemoryFence(ordering: .acquiring)
    return SharedWords.load(record) == stamp.rawValue && SharedWords.load(slot) == slotWord
      && SharedWords.load(structure) == structureNumber
  }
}

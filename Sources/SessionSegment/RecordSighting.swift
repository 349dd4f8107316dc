import CLinux
import Synchronization

/// Where a session's record was seen, and what must still be so when it has been copied.
struct RecordSighting {
  enum Search {
    case seen
    case missing
    /// Something was amid a change, or can't be right.
    case doubt
  }

  /// Cache lines of a record that are asked for before it is known how long it is.
  private static let linesFetched = 6

  /// What a search came to; the rest has a meaning only where it says `seen`.
  private(set) var search = Search.doubt
  private(set) var record: UnsafeRawPointer
  private(set) var stamp = RecordStamp.free
  /// The bytes from the record's beginning to the end of the mapping.
  private(set) var room = 0
  private var slot: UnsafeRawPointer
  private var slotWord = SlotWord.empty
  private let structure: UnsafeRawPointer
  private let structureNumber: UInt64

  /// Looks a session up.
  @inline(__always)
  init(_ reader: SegmentReader, _ hash: SessionHash, shard: Int, _ id: UnsafeRawBufferPointer) {
    let entry = reader.base + (SegmentLayout.shardTableOffset &+ shard &* SegmentLayout.shardEntryBytes)
    structure = entry + ShardEntry.structureOffset
    record = entry
    slot = entry
    // Acquiring: the directory is read after the number that says whether it was the shard's all the time.
    structureNumber = SharedWords.word(structure).pointee.load(ordering: .acquiring)
    let tag = hash.tag
    guard let page = Self.bucketPage(reader, entry, tag), isSameStructure else { return }
    var index = tag.home
    for _ in 0..<BucketPage.slots {
      slot = page + (BucketPage.slotsOffset &+ index &* 8)
      // Acquiring: the record is read after the word that publishes it.
      slotWord = SlotWord(rawValue: SharedWords.word(slot).pointee.load(ordering: .acquiring))
      if slotWord.tag == tag, !slotWord.isEmpty {
        if lookAtRecord(reader, id) { return }
      } else if slotWord.isEmpty {
        search = .missing
        return
      }
      index = index &+ 1 == BucketPage.slots ? 0 : index &+ 1
    }
  }

  /// Whether the search is over with the record that the index word names: because it is the session's, or
  /// because it can't be told.
  @inline(__always)
  private mutating func lookAtRecord(_ reader: SegmentReader, _ id: UnsafeRawBufferPointer) -> Bool {
    let offset = slotWord.offset
    room = reader.size &- offset
    guard room >= RecordLayout.headerBytes &+ RecordLayout.wholeWords(id.count) else { return true }
    record = reader.base + offset
    // The lines behind the first, while that one is on its way.
    for line in 1...Self.linesFetched { linux_prefetch(record + line &* 64) }
    // Acquiring: the rest of the record is read after its stamp.
    stamp = RecordStamp(rawValue: SharedWords.word(record).pointee.load(ordering: .acquiring))
    guard stamp.isLive else { return true }
    // With the kind beside it: a mark or an alias is nothing to answer with, but the daemon's to explain.
    guard SharedWords.load(record + RecordLayout.idLength) & 0xFFFF == UInt64(id.count),
      SharedBytes(base: record).equals(id, at: RecordLayout.headerBytes)
    else { return false }
    search = .seen
    return true
  }

  /// Whether the shard's pages and directories are still what they were.
  @inline(__always)
  private var isSameStructure: Bool {
    atomicMemoryFence(ordering: .acquiring)
    return SharedWords.load(structure) == structureNumber
  }

  /// The page in which a tag's entries are.
  @inline(__always)
  private static func bucketPage(
    _ reader: SegmentReader, _ entry: UnsafeRawPointer, _ tag: SlotTag
  ) -> UnsafeRawPointer? {
    // Acquiring: the directory is read after the word that names it.
    let word = SharedWords.word(entry).pointee.load(ordering: .acquiring)
    let depth = Int(word & 0xFF)
    let directory = Int(truncatingIfNeeded: word >> 8) &* SegmentLayout.blockAlignment
    guard depth <= ShardEntry.depthMost, directory >= SegmentLayout.pageBytes,
      directory <= reader.size &- 4 &<< depth
    else { return nil }
    let cell = reader.base + (directory &+ tag.directoryIndex(depth: depth) &* 4)
    // Acquiring: the page is read after the number that names it. A directory's cells are aligned.
    let number = cell.assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .acquiring)
    let page = Int(number) &* SegmentLayout.pageBytes
    guard page <= reader.size - SegmentLayout.pageBytes else { return nil }
    return reader.base + page
  }

  /// Whether the block still holds the record that was seen: what was loaded so far is of it, then.
  @inline(__always)
  var hasItsStamp: Bool {
    // Acquiring, for the same reason as below.
    atomicMemoryFence(ordering: .acquiring)
    return SharedWords.load(record) == stamp.rawValue
  }

  /// Whether the record is still the one that was seen, and still the session's.
  @inline(__always)
  var isUnchanged: Bool {
    // Acquiring: what was copied before is from before what is loaded now. It goes with the releasing fences
    // of the writer, after it has taken a stamp away and after it has raised a structure number.
    atomicMemoryFence(ordering: .acquiring)
    return SharedWords.load(record) == stamp.rawValue && SharedWords.load(slot) == slotWord.rawValue
      && SharedWords.load(structure) == structureNumber
  }
}

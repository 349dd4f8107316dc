import CLinux
import SessionSegment
import Synchronization
import SystemCalls

/// One shard of the index: an extendible hash table (Fagin et al., 1979) of bucket pages, and the
/// read-write lock that guards it.
///
/// Whoever looks something up, or uses a record that it found, holds the lock at least shared;
/// whoever changes a page, the directory, or the set of records holds it exclusively. A thread holds
/// one shard's lock, or two for a rename.
final class IndexShard: Sendable {
  /// Where an entry stands.
  struct Place {
    let page: BucketPage
    let slot: Int
    let offset: Int
  }

  let lock = ReadWriteLock()
  let sessionCount = Atomic<Int>(0)
  /// Marks and aliases.
  let markCount = Atomic<Int>(0)
  let expiredCount = Atomic<Int>(0)
  let indexBytes = Atomic<Int>(0)
  /// Entries that the store has not as they are here.
  let unsavedCount = Atomic<Int>(0)
  /// A lower bound of the due ticks of all entries.
  let earliestDue = Atomic<UInt32>(DueTick.never.rawValue)

  let mapping: SegmentMapping
  let allocator: SegmentAllocator
  let entry: ShardEntry
  private let number: Int
  private let evictor: Evictor

  init(_ mapping: SegmentMapping, number: Int, allocator: SegmentAllocator, evictor: Evictor) {
    self.mapping = mapping
    self.number = number
    self.allocator = allocator
    self.evictor = evictor
    entry = ShardEntry(mapping, shard: number)
  }

  /// Makes the shard an empty one of a single page.
  func initialize() throws(Interruption) {
    let offsets = try blocks(SegmentLayout.pageBytes, count: 1)
    BucketPage(mapping, offset: offsets.0).initialize(depth: 0)
    do throws(Interruption) {
      let directory = try newDirectory(depth: 0)
      directory[0] = offsets.0 / SegmentLayout.pageBytes
      entry.directory = directory
    } catch {
      release(offsets.0, bytes: SegmentLayout.pageBytes)
      throw error
    }
  }

  /// The blocks of all records, pages and the directory. Under the lock.
  var blockCount: Int {
    let directory = max(entry.directory.byteCount, SizeClass.smallest)
    let pages = (indexBytes.load(ordering: .relaxed) - directory) / SegmentLayout.pageBytes
    return sessionCount.load(ordering: .relaxed) + markCount.load(ordering: .relaxed) + pages + 1
  }

  // MARK: Finding

  func find(_ tag: SlotTag, _ id: UnsafeRawBufferPointer) -> Place? {
    let directory = entry.directory
    let page = directory.page(tag.directoryIndex(depth: directory.depth))
    var slot = tag.home
    for _ in 0..<BucketPage.slots {
      let word = page.slot(slot)
      if word.isEmpty { return nil }
      if word.tag == tag {
        prefetchRecord(at: word.offset)
        if record(at: word.offset).hasID(id) { return Place(page: page, slot: slot, offset: word.offset) }
      }
      slot = IndexShard.next(slot)
    }
    return nil
  }

  /// Asks for a record's first lines of cache at once: each would be waited for by itself when it is walked through.
  @inline(__always)
  private func prefetchRecord(at offset: Int) {
    let begin = mapping.base + offset
    for line in 0..<Self.prefetchedLines { linux_prefetch(begin + line * Self.cacheLineBytes) }
  }

  private static let cacheLineBytes = 64
  /// Those of a record of 512 bytes.
  private static let prefetchedLines = 8

  /// Calls `body` with the place of each record that has a tag: hardly ever more than one.
  func forEachPlace(of tag: SlotTag, _ body: (Place) -> Void) {
    let page = page(containing: tag)
    var slot = tag.home
    for _ in 0..<BucketPage.slots {
      let word = page.slot(slot)
      if word.isEmpty { return }
      if word.tag == tag { body(Place(page: page, slot: slot, offset: word.offset)) }
      slot = IndexShard.next(slot)
    }
  }

  /// Counts a record among those of its kind.
  private func count(_ offset: Int, _ change: Int) {
    let record = record(at: offset)
    if record.isSession {
      sessionCount.wrappingAdd(change, ordering: .relaxed)
    } else if !record.isAbsence {
      markCount.wrappingAdd(change, ordering: .relaxed)
    }
  }

  func record(at offset: Int) -> RecordView { RecordView(at: mapping.base + offset) }

  @inline(__always)
  static func next(_ slot: Int) -> Int { slot + 1 == BucketPage.slots ? 0 : slot + 1 }

  /// The page for a tag's directory bits, and how many of those bits its entries share.
  func page(containing tag: SlotTag) -> BucketPage {
    let directory = entry.directory
    return directory.page(tag.directoryIndex(depth: directory.depth))
  }

  // MARK: Changing

  /// Makes room for one more entry with this tag. Interrupted before anything changed when blocks are
  /// wanting.
  func makeRoom(_ tag: SlotTag) throws(Interruption) {
    while true {
      let directory = entry.directory
      let index = tag.directoryIndex(depth: directory.depth)
      let page = directory.page(index)
      if page.count < BucketPage.entriesMost { return }
      guard page.depth < SlotTag.directoryBits else { throw .failed(.full) }
      if page.depth == directory.depth {
        try deepen(directory)
      } else {
        try split(page, directory, index)
      }
    }
  }

  /// Publishes a record that the index does not know yet; `makeRoom` went before.
  func insert(_ tag: SlotTag, offset: Int, due: DueTick, isUnsaved: Bool) {
    let page = page(containing: tag)
    put(SlotWord(tag: tag, offset: offset, isUnsaved: isUnsaved), due, into: page)
    count(offset, 1)
    if isUnsaved { unsavedCount.wrappingAdd(1, ordering: .relaxed) }
    lower(page, due)
    evictor.arrived(record(at: offset), shard: number, tag: tag)
  }

  /// Puts another record in the place of one: the one store by which a change becomes visible.
  func replace(_ place: Place, offset: Int, due: DueTick, isUnsaved: Bool) {
    let old = place.page.slot(place.slot)
    place.page.setSlot(place.slot, SlotWord(tag: old.tag, offset: offset, isUnsaved: isUnsaved))
    // Mostly a session takes the place of a session.
    if !(record(at: offset).isSession && record(at: place.offset).isSession) {
      count(place.offset, -1)
      count(offset, 1)
    }
    if isUnsaved != old.isUnsaved { unsavedCount.wrappingAdd(isUnsaved ? 1 : -1, ordering: .relaxed) }
    setDue(place, due)
    let changed = record(at: offset)
    if evictor.kind(of: changed) != evictor.kind(of: record(at: place.offset)) {
      evictor.arrived(changed, shard: number, tag: old.tag)
    }
  }

  /// Says whether the store has an entry as it is.
  func mark(_ place: Place, isUnsaved: Bool) {
    let word = place.page.slot(place.slot)
    guard word.isUnsaved != isUnsaved else { return }
    place.page.setSlot(place.slot, isUnsaved ? word.unsaved : word.saved)
    unsavedCount.wrappingAdd(isUnsaved ? 1 : -1, ordering: .relaxed)
  }

  func setDue(_ place: Place, _ due: DueTick) {
    place.page.setDue(place.slot, due)
    lower(place.page, due)
  }

  /// Takes an entry out and closes the gap by moving back those behind it. A reader without the lock
  /// may miss an entry meanwhile, and never finds a wrong one: every moved word is in its new slot
  /// before it leaves the old one.
  func remove(_ place: Place) {
    let page = place.page
    let isUnsaved = page.slot(place.slot).isUnsaved
    var gap = place.slot
    var slot = gap
    while true {
      slot = IndexShard.next(slot)
      let word = page.slot(slot)
      if word.isEmpty || slot == place.slot { break }
      let home = word.tag.home
      let staysPut = gap <= slot ? (gap < home && home <= slot) : (gap < home || home <= slot)
      if staysPut { continue }
      page.setDue(gap, page.due(slot))
      page.setSlot(gap, word)
      gap = slot
    }
    page.setSlot(gap, .empty)
    page.count -= 1
    count(place.offset, -1)
    if isUnsaved { unsavedCount.wrappingSubtract(1, ordering: .relaxed) }
  }

  func put(_ word: SlotWord, _ due: DueTick, into page: BucketPage) {
    var slot = word.tag.home
    while !page.slot(slot).isEmpty { slot = IndexShard.next(slot) }
    page.setDue(slot, due)
    page.setSlot(slot, word)
    page.count += 1
  }

  private func lower(_ page: BucketPage, _ due: DueTick) {
    if due < page.earliestDue { page.earliestDue = due }
    lowerEarliest(due)
  }

  func lowerEarliest(_ due: DueTick) {
    // Why so strict an order: see SessionCache.wakeReclaimerIfNeeded.
    if due.rawValue < earliestDue.load(ordering: .relaxed) {
      earliestDue.store(due.rawValue, ordering: .sequentiallyConsistent)
    }
  }

  /// Puts a copy of each entry into the page that `choose` answers with.
  func copy(_ page: BucketPage, to choose: (SlotWord) -> BucketPage) {
    for slot in 0..<BucketPage.slots {
      let word = page.slot(slot)
      guard !word.isEmpty else { continue }
      let target = choose(word)
      let due = page.due(slot)
      put(word, due, into: target)
      if due < target.earliestDue { target.earliestDue = due }
    }
  }
}

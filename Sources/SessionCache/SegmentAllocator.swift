import SessionSegment
import Synchronization
import SystemCalls

/// The blocks of a segment: those that every change may take, and a spare.
///
/// The spare is the last pages of the segment, room for one large session. Only changes that make a
/// session no larger may take of it, so that a full cache can still be changed and emptied. Its pages are
/// taken from the system at the start and kept, so that they are there also when the file system is full.
final class SegmentAllocator: Sendable {
  /// The spare's pages are there for good.
  private struct KeptPages: PageSource {
    func commit(offset: Int, length: Int) throws(SystemCallError) {}
    func release(offset: Int, length: Int) throws(SystemCallError) {}
  }

  let common: BlockAllocator
  let spare: BlockAllocator
  let geometry: SegmentGeometry
  /// Whether sessions are ended for changes that find no room, so that these need not be left the spare.
  let evictsWhenFull = Atomic<Bool>(false)
  /// Bytes of the spare's blocks in use, for a look without its lock.
  private let spareUsed = Atomic<Int>(0)

  /// - Throws: when the file system has no room for the spare.
  init(_ geometry: SegmentGeometry, in segment: SegmentFile) throws(SystemCallError) {
    self.geometry = geometry
    let source = segment.pages
    let table = PageTable(segment.mapping, shards: geometry.shards)
    common = BlockAllocator(
      pages: geometry.firstPage..<geometry.firstSparePage, table: table, source: source)
    spare = BlockAllocator(
      pages: geometry.firstSparePage..<geometry.pageCount, table: table, source: KeptPages())
    if geometry.spareBytes > 0 {
      try source.commit(offset: geometry.bytes - geometry.spareBytes, length: geometry.spareBytes)
    }
  }

  /// The offset of a block with room for so many bytes; nil means: let go of the locks, `refill`, and
  /// try again.
  func allocate(_ bytes: Int, mayUseSpare: Bool = false) -> Int? {
    // While the spare is low, what a change gives back must not go to additions: the changes that
    // follow would take the rest of the spare.
    guard mayUseSpare || !isSpareLow else { return nil }
    if let offset = common.allocate(bytes) { return offset }
    guard mayUseSpare, let offset = spare.allocate(bytes) else { return nil }
    noteSpare()
    return offset
  }

  /// For what is only moved: not from the spare, and whether or not it is low.
  func allocateForMove(_ bytes: Int) -> Int? { common.allocate(bytes) }

  /// For a mark in the place of a record of so many bytes.
  func allocateForMark(_ bytes: Int, insteadOf oldBytes: Int) -> Int? {
    allocateForMove(bytes) ?? allocateForMove(oldBytes) ?? allocate(bytes, mayUseSpare: true)
  }

  /// For what is moved aside for a moment.
  func allocateFromSpareForMove(_ bytes: Int) -> Int? {
    defer { noteSpare() }
    return spare.allocate(bytes)
  }

  func free(_ offset: Int) {
    guard offset / SegmentLayout.pageBytes >= geometry.firstSparePage else { return common.free(offset) }
    spare.free(offset)
    noteSpare()
  }

  /// More than half of the spare is used.
  private var isSpareLow: Bool {
    spareUsed.load(ordering: .relaxed) * 2 > geometry.spareBytes
      && !evictsWhenFull.load(ordering: .relaxed)
  }

  func noteSpare() {
    spareUsed.store(spare.memory.used, ordering: .relaxed)
  }

  /// Gets the pages for the blocks that are wanted. The caller holds no lock.
  ///
  /// - Returns: whether it did; if not, the segment or the file system behind it is full.
  func refill(_ demand: BlockAllocator.Demand) -> Bool {
    guard demand.mayUseSpare || demand.isMove || !isSpareLow else { return false }
    return common.refill(demand) || (demand.mayUseSpare && spare.refill(demand))
  }

  /// Gives memory back, some of it a second later: see `BlockAllocator.trim`.
  func trim(rest: () -> Void = {}) { common.trim(rest: rest) }

  var hasLoosePages: Bool { common.hasLoosePages }

  /// Whether less than a twentieth of the pages is free: time to know who is to be evicted next.
  var isNearlyFull: Bool { common.freePageCount < geometry.pages.count / 20 }

  /// Pages of empty runs that came to be since the last trim, which `trim` would give back.
  var surplusPages: Int { common.surplusPages }

  /// Bytes of blocks in use, and bytes of pages that were taken from the system.
  var memory: (used: Int, reserved: Int) {
    let always = geometry.tableBytes + geometry.spareBytes
    let memory = common.memory
    return (memory.used + spare.memory.used, memory.reserved + always)
  }

  // MARK: Evacuation

  /// Whether a quarter of the pages in use hold nothing, or the spare holds something: moving blocks
  /// together would free some.
  var isSparse: Bool {
    common.memory.used < common.runBytes / 4 * 3 || spare.memory.used > 0
  }

  /// Whether so much lies fallow that it is worth doing unasked.
  var isVerySparse: Bool {
    let runBytes = common.runBytes
    let isFull = runBytes > (geometry.bytes - geometry.tableBytes - geometry.spareBytes) / 8 * 7
    return runBytes > common.memory.used * 2 + (16 << 20) || (spare.memory.used > 0 && !isFull)
  }

  /// Chooses sparse runs, and all of the spare's. No block of them is handed out until `endEvacuation`.
  ///
  /// - Returns: nil if there are none such.
  func beginEvacuation() -> Evacuation? {
    let evacuation = Evacuation(common: common.beginEvacuationOfSparse(), spare: spare.beginEvacuationOfAll())
    guard !evacuation.isEmpty else {
      endEvacuation()
      return nil
    }
    return evacuation
  }

  /// Whether nobody has ended the evacuation to have the room.
  var isEvacuating: Bool { common.isEvacuating }

  /// What is empty now can be trimmed, the rest is used as before.
  func endEvacuation() {
    common.endEvacuation()
    spare.endEvacuation()
  }

  /// Blocks in use, and a number that is another one when a block was taken or given back since.
  var use: (blocks: Int, turnover: Int) {
    let (common, spare) = (common.use, spare.use)
    return (common.blocks + spare.blocks, common.turnover &+ spare.turnover)
  }
}

/// Runs whose blocks are to be moved elsewhere, so that their pages become free.
struct Evacuation {
  fileprivate let common: EvacuatedRuns
  fileprivate let spare: EvacuatedRuns

  fileprivate var isEmpty: Bool { common.numbers.isEmpty && spare.numbers.isEmpty }

  /// Whether a block at this offset is to be moved.
  func contains(_ offset: Int) -> Bool {
    let page = offset / SegmentLayout.pageBytes
    return common.pages.contains(page) || spare.pages.contains(page)
  }
}

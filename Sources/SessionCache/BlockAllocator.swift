import SessionSegment
import Synchronization
import SystemCalls

/// Hands out the blocks of a segment. Taking and giving back is quick, makes no system call and is
/// done under the caller's shard lock; getting pages from the system is a step of its own (`refill`,
/// `trim`), which the caller makes with no lock held.
///
/// Its own lock comes after any shard's lock and is never held during a system call.
final class BlockAllocator: @unchecked Sendable {
  // Safe to share: everything that changes is guarded by `lock`.
  let lock = MutexLock()
  private let source: any PageSource
  private let pages: Range<Int>
  private var map: PageMap
  var runs: [BlockRun?] = []
  private var unusedRunNumbers: [Int] = []
  /// Which run a page belongs to, -1 for none.
  private var runOfPage: [Int32]
  /// By class, the runs with a free block.
  var open = [[Int]](repeating: [], count: SizeClass.count)
  /// By class, how many runs it has and how many of them are entirely free.
  private var runCounts = [Int](repeating: 0, count: SizeClass.count)
  private var emptyCounts = [Int](repeating: 0, count: SizeClass.count)
  private var blockBytesUsed = 0
  /// Pages of runs that are entirely free, now and after the last trim. Written under the lock, read
  /// without.
  private let emptyPages = Atomic<Int>(0)
  private let emptyPagesKept = Atomic<Int>(0)
  /// Held while pages are given back, so that who finds none waits for those that are on their way.
  private let trimLock = MutexLock()

  /// Hands out the blocks of these pages of the segment.
  init(pages: Range<Int>, source: any PageSource) {
    self.source = source
    self.pages = pages
    map = PageMap(pageCount: pages.upperBound, first: pages.lowerBound)
    runOfPage = [Int32](repeating: -1, count: pages.upperBound)
  }

  // MARK: Blocks

  /// The offset of a block with room for so many bytes; nil means: let go of the locks, `refill`, and
  /// try again.
  func allocate(_ bytes: Int) -> Int? {
    lock.withLock {
      guard let wanted = SizeClass(holding: bytes) else { return takeLarge(bytes) }
      guard let number = open[wanted.index].last else { return nil }
      return take(from: number, wanted)
    }
  }

  func free(_ offset: Int) {
    lock.withLock {
      let number = Int(runOfPage[offset / SegmentLayout.pageBytes])
      let blockBytes = runs[number]!.blockBytes
      runs[number]!.give(offset)
      blockBytesUsed -= blockBytes
      if runs[number]!.isEvacuating { return }
      becomeFree(number)
    }
  }

  /// A block of a run became free: the run can be taken from, perhaps given back.
  func becomeFree(_ number: Int) {
    guard let sizeClass = runs[number]!.sizeClass else {
      addEmpty(runs[number]!)
      largeFree.append(number)
      return
    }
    if runs[number]!.listPosition < 0 { list(number, sizeClass) }
    if runs[number]!.isEmpty {
      emptyCounts[sizeClass.index] += 1
      addEmpty(runs[number]!)
    }
  }

  /// The bytes of the block at an offset that `allocate` answered with.
  func blockBytes(at offset: Int) -> Int {
    lock.withLock { runs[Int(runOfPage[offset / SegmentLayout.pageBytes])]!.blockBytes }
  }

  /// Large blocks whose pages are committed and that nobody has taken, or that were given back.
  private var largeFree: [Int] = []

  private func takeLarge(_ bytes: Int) -> Int? {
    let pages = (bytes + SegmentLayout.pageBytes - 1) / SegmentLayout.pageBytes
    // Best fit, and no more than an eighth over.
    var best: Int?
    for position in largeFree.indices {
      let count = runs[largeFree[position]]!.pages.count
      guard count >= pages, count <= pages + pages / 8 else { continue }
      if best == nil || count < runs[largeFree[best!]]!.pages.count { best = position }
    }
    guard let best else { return nil }
    let number = largeFree.remove(at: best)
    removeEmpty(runs[number]!)
    blockBytesUsed += runs[number]!.blockBytes
    return runs[number]!.take()
  }

  private func take(from number: Int, _ sizeClass: SizeClass) -> Int {
    if runs[number]!.isEmpty {
      removeEmpty(runs[number]!)
      emptyCounts[sizeClass.index] -= 1
    }
    let offset = runs[number]!.take()
    blockBytesUsed += runs[number]!.blockBytes
    if runs[number]!.freeCount == 0 { unlist(number, sizeClass) }
    return offset
  }

  private func addEmpty(_ run: BlockRun) {
    emptyPages.wrappingAdd(run.pages.count, ordering: .relaxed)
  }

  private func removeEmpty(_ run: BlockRun) {
    emptyPages.wrappingSubtract(run.pages.count, ordering: .relaxed)
  }

  private func list(_ number: Int, _ sizeClass: SizeClass) {
    runs[number]!.listPosition = open[sizeClass.index].count
    open[sizeClass.index].append(number)
  }

  func unlist(_ number: Int, _ sizeClass: SizeClass) {
    let position = runs[number]!.listPosition
    let last = open[sizeClass.index].removeLast()
    if last != number {
      open[sizeClass.index][position] = last
      runs[last]!.listPosition = position
    }
    runs[number]!.listPosition = -1
  }

  // MARK: Pages

  /// What a change wants blocks for.
  struct Demand {
    let bytes: Int
    /// How many such blocks it wants at once.
    var count = 1
    /// For changes that make a session no larger: the spare pages are theirs, too.
    var mayUseSpare = false
    /// For a block to move a record to.
    var isMove = false
  }

  /// Gets the pages for the blocks that are wanted. The caller holds no lock.
  ///
  /// - Returns: whether it did; if not, the segment or the file system behind it is full.
  func refill(_ demand: Demand) -> Bool {
    repeat {
      if tryRefill(demand) { return true }
    } while trimSome(keepingOneEmptyRun: false)
    return tryRefill(demand)
  }

  private func tryRefill(_ demand: Demand) -> Bool {
    let sizeClass = SizeClass(holding: demand.bytes)
    let pages: Range<Int>? = lock.withLock {
      if let sizeClass, freeBlocks(sizeClass, atLeast: demand.count) { return 0..<0 }
      for count in pageCounts(demand, sizeClass) {
        if let first = map.take(count) { return first..<first + count }
      }
      return nil
    }
    guard let pages else { return false }
    // Another thread was quicker.
    if pages.isEmpty { return true }
    let page = SegmentLayout.pageBytes
    do throws(SystemCallError) {
      try source.commit(offset: pages.lowerBound * page, length: pages.count * page)
    } catch {
      // The file system is full: the same to the caller as a full segment.
      lock.withLock { map.give(pages) }
      return false
    }
    lock.withLock { add(BlockRun(pages: pages, sizeClass: sizeClass)) }
    return true
  }

  /// How many pages to ask for, the most welcome number first, then the least that would do.
  private func pageCounts(_ demand: Demand, _ sizeClass: SizeClass?) -> [Int] {
    let page = SegmentLayout.pageBytes
    guard let sizeClass else { return [(demand.bytes + page - 1) / page] }
    return [
      sizeClass.runPages(having: runCounts[sizeClass.index]),
      (sizeClass.blockBytes * demand.count + page - 1) / page,
    ]
  }

  private func freeBlocks(_ sizeClass: SizeClass, atLeast count: Int) -> Bool {
    var free = 0
    for number in open[sizeClass.index] {
      free += runs[number]!.freeCount
      if free >= count { return true }
    }
    return false
  }

  private func add(_ run: BlockRun) {
    let number: Int
    if let unused = unusedRunNumbers.popLast() {
      number = unused
      runs[number] = run
    } else {
      number = runs.count
      runs.append(run)
    }
    for page in run.pages { runOfPage[page] = Int32(number) }
    guard let sizeClass = run.sizeClass else {
      addEmpty(runs[number]!)
      largeFree.append(number)
      return
    }
    runCounts[sizeClass.index] += 1
    emptyCounts[sizeClass.index] += 1
    addEmpty(runs[number]!)
    list(number, sizeClass)
  }

  /// Pages of empty runs that came to be since the last trim, which `trim` would give back.
  var surplusPages: Int {
    emptyPages.load(ordering: .relaxed) - emptyPagesKept.load(ordering: .relaxed)
  }

  /// Gives the pages of empty runs back to the system, but for one a class, which is kept because
  /// the next block is likely to come. The caller holds no lock.
  func trim(keepingOneEmptyRun: Bool = true) {
    while trimSome(keepingOneEmptyRun: keepingOneEmptyRun) {}
    emptyPagesKept.store(emptyPages.load(ordering: .relaxed), ordering: .relaxed)
  }

  /// A few runs, so that the pages of the first are to be had again before the last are done; whether
  /// there were any.
  private func trimSome(keepingOneEmptyRun: Bool) -> Bool {
    trimLock.withLock {
      let detached = lock.withLock { detachEmptyRuns(keepingOne: keepingOneEmptyRun) }
      for pages in detached { giveBack(pages) }
      return !detached.isEmpty
    }
  }

  private func giveBack(_ pages: Range<Int>) {
    let page = SegmentLayout.pageBytes
    do throws(SystemCallError) {
      try source.release(offset: pages.lowerBound * page, length: pages.count * page)
    } catch {
      // The pages stay committed, which costs memory and nothing else: they are used again below.
    }
    lock.withLock { map.give(pages) }
  }

  private static let trimmedAtOnce = 16

  /// Runs that were never used are left alone: whoever got them is about to take a block.
  private func detachEmptyRuns(keepingOne: Bool) -> [Range<Int>] {
    var detached: [Range<Int>] = []
    while detached.count < Self.trimmedAtOnce,
      let position = largeFree.lastIndex(where: { !runs[$0]!.isFresh })
    {
      let number = largeFree.remove(at: position)
      removeEmpty(runs[number]!)
      detached.append(detach(number))
    }
    for index in emptyCounts.indices where emptyCounts[index] > (keepingOne ? 1 : 0) {
      for number in open[index] where runs[number]!.isEmpty && !runs[number]!.isFresh {
        guard detached.count < Self.trimmedAtOnce else { return detached }
        guard emptyCounts[index] > (keepingOne ? 1 : 0) else { break }
        removeEmpty(runs[number]!)
        unlist(number, SizeClass(index: index))
        runCounts[index] -= 1
        emptyCounts[index] -= 1
        detached.append(detach(number))
      }
    }
    return detached
  }

  private func detach(_ number: Int) -> Range<Int> {
    let pages = runs[number]!.pages
    for page in pages { runOfPage[page] = -1 }
    runs[number] = nil
    unusedRunNumbers.append(number)
    return pages
  }

  // MARK: Statistics

  /// Bytes of blocks in use, and bytes of pages that were taken from the system.
  var memory: (used: Int, reserved: Int) {
    lock.withLock { (blockBytesUsed, (pages.count - map.freeCount) * SegmentLayout.pageBytes) }
  }
}

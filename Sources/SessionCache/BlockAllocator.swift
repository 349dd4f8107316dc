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
  private let lock = MutexLock()
  private let source: any PageSource
  private var map: PageMap
  private var runs: [BlockRun?] = []
  private var unusedRunNumbers: [Int] = []
  /// Which run a page belongs to, -1 for none.
  private var runOfPage: [Int32]
  /// By class, the runs with a free block.
  private var open = [[Int]](repeating: [], count: SizeClass.count)
  /// By class, how many runs it has and how many of them are entirely free.
  private var runCounts = [Int](repeating: 0, count: SizeClass.count)
  private var emptyCounts = [Int](repeating: 0, count: SizeClass.count)
  private var blockBytesUsed = 0
  /// Pages of runs that `trim` would give back. Written under the lock, read without.
  let surplusPages = Atomic<Int>(0)
  /// Pages that only changes which add nothing may take, so that a full cache can still be emptied.
  private let reservePages: Int

  init(pageCount: Int, firstPage: Int, source: any PageSource) {
    self.source = source
    map = PageMap(pageCount: pageCount, first: firstPage)
    runOfPage = [Int32](repeating: -1, count: pageCount)
    reservePages = map.freeCount / 32
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
      guard let sizeClass = runs[number]!.sizeClass else {
        addSurplus(runs[number]!)
        largeFree.append(number)
        return
      }
      if runs[number]!.freeCount == 1 { list(number, sizeClass) }
      if runs[number]!.isEmpty {
        emptyCounts[sizeClass.index] += 1
        if emptyCounts[sizeClass.index] > 1 { addSurplus(runs[number]!) }
      }
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
    removeSurplus(runs[number]!)
    blockBytesUsed += runs[number]!.blockBytes
    return runs[number]!.take()
  }

  private func take(from number: Int, _ sizeClass: SizeClass) -> Int {
    if runs[number]!.isEmpty {
      if emptyCounts[sizeClass.index] > 1 { removeSurplus(runs[number]!) }
      emptyCounts[sizeClass.index] -= 1
    }
    let offset = runs[number]!.take()
    blockBytesUsed += runs[number]!.blockBytes
    if runs[number]!.freeCount == 0 { unlist(number, sizeClass) }
    return offset
  }

  private func addSurplus(_ run: BlockRun) {
    surplusPages.wrappingAdd(run.pages.count, ordering: .relaxed)
  }

  private func removeSurplus(_ run: BlockRun) {
    surplusPages.wrappingSubtract(run.pages.count, ordering: .relaxed)
  }

  private func list(_ number: Int, _ sizeClass: SizeClass) {
    runs[number]!.listPosition = open[sizeClass.index].count
    open[sizeClass.index].append(number)
  }

  private func unlist(_ number: Int, _ sizeClass: SizeClass) {
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
    /// For changes that make a session no larger.
    var mayUseReserve = false
  }

  /// Gets the pages for the blocks that are wanted. The caller holds no lock.
  ///
  /// - Returns: whether it did; if not, the segment or the file system behind it is full.
  func refill(_ demand: Demand) -> Bool {
    if tryRefill(demand) { return true }
    trim(keepingOneEmptyRun: false)
    return tryRefill(demand)
  }

  private func tryRefill(_ demand: Demand) -> Bool {
    let sizeClass = SizeClass(holding: demand.bytes)
    let pages: Range<Int>? = lock.withLock {
      if let sizeClass, freeBlocks(sizeClass, atLeast: demand.count) { return 0..<0 }
      let wanted = pageCounts(demand, sizeClass)
      for count in wanted where demand.mayUseReserve || map.freeCount - count >= reservePages {
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
      addSurplus(runs[number]!)
      largeFree.append(number)
      return
    }
    runCounts[sizeClass.index] += 1
    emptyCounts[sizeClass.index] += 1
    if emptyCounts[sizeClass.index] > 1 { addSurplus(runs[number]!) }
    list(number, sizeClass)
  }

  /// Whether `trim` would give anything back.
  var hasSurplus: Bool { surplusPages.load(ordering: .relaxed) > 0 }

  /// Gives the pages of empty runs back to the system, but for one a class, which is kept because
  /// the next block is likely to come. The caller holds no lock.
  func trim(keepingOneEmptyRun: Bool = true) {
    for pages in lock.withLock({ detachEmptyRuns(keepingOne: keepingOneEmptyRun) }) {
      let page = SegmentLayout.pageBytes
      do throws(SystemCallError) {
        try source.release(offset: pages.lowerBound * page, length: pages.count * page)
      } catch {
        // The pages stay committed, which costs memory and nothing else: they are used again below.
      }
      lock.withLock { map.give(pages) }
    }
  }

  /// Runs that were got since the last time are left alone: whoever got them is about to take a block.
  private func detachEmptyRuns(keepingOne: Bool) -> [Range<Int>] {
    var detached: [Range<Int>] = []
    surplusPages.store(0, ordering: .relaxed)
    largeFree.removeAll { number in
      if isFresh(number) {
        addSurplus(runs[number]!)
        return false
      }
      detached.append(detach(number))
      return true
    }
    for index in emptyCounts.indices where emptyCounts[index] > (keepingOne ? 1 : 0) {
      var kept = keepingOne ? 0 : 1
      for number in open[index] where runs[number]!.isEmpty {
        guard kept > 0 else {
          kept += 1
          continue
        }
        if isFresh(number) {
          addSurplus(runs[number]!)
          continue
        }
        unlist(number, SizeClass(index: index))
        runCounts[index] -= 1
        emptyCounts[index] -= 1
        detached.append(detach(number))
      }
    }
    return detached
  }

  /// Whether a run is a new one at its first trim.
  private func isFresh(_ number: Int) -> Bool {
    defer { runs[number]!.isFresh = false }
    return runs[number]!.isFresh
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
    lock.withLock {
      (blockBytesUsed, (map.pageCount - map.freeCount) * SegmentLayout.pageBytes)
    }
  }
}

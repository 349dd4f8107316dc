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
  let source: any PageSource
  let table: PageTable
  let pages: Range<Int>
  var map: PageMap
  var runs: [BlockRun?] = []
  var unusedRunNumbers: [Int] = []
  /// Which run a page belongs to, -1 for none.
  var runOfPage: [Int32]
  /// By class, the runs with a free block.
  var open = [[Int]](repeating: [], count: SizeClass.count)
  /// By class, how many runs it has and how many of them are entirely free.
  var runCounts = [Int](repeating: 0, count: SizeClass.count)
  var emptyCounts = [Int](repeating: 0, count: SizeClass.count)
  private(set) var usage = BlockUsage()
  /// What `endEvacuation` is to end.
  var evacuated: EvacuatedRuns?
  /// Pages of runs that are entirely free, now and after the last trim. Written under the lock, read
  /// without.
  let emptyPages = Atomic<Int>(0)
  let emptyPagesKept = Atomic<Int>(0)
  /// Held while pages are given back, so that who finds none waits for those that are on their way.
  let trimLock = MutexLock()
  /// The page at which the next search for pages to clear begins.
  var clearingHand: Int

  /// Hands out the blocks of these pages of the segment. They must be empty, or `adopt` must come next.
  init(pages: Range<Int>, table: PageTable, source: any PageSource) {
    self.source = source
    self.table = table
    self.pages = pages
    clearingHand = pages.lowerBound
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
      let (blockBytes, isEvacuating) = withRun(number) { run in
        run.give(offset)
        return (run.blockBytes, run.isEvacuating)
      }
      noteUse(of: -1, bytes: blockBytes)
      if isEvacuating { return }
      becomeFree(number)
    }
  }

  /// Does several things with a run at a time: each access to the list is checked for being the only one, which costs
  /// more than most of what is done.
  @inline(__always)
  private func withRun<R>(_ number: Int, _ body: (inout BlockRun) -> R) -> R { body(&runs[number]!) }

  /// A block of a run became free: the run can be taken from, perhaps given back.
  func becomeFree(_ number: Int) {
    let (found, isListed, isEmpty) = withRun(number) { run in
      (run.sizeClass, run.listPosition >= 0, run.isEmpty)
    }
    guard let sizeClass = found else {
      addEmpty(runs[number]!.pages)
      largeFree.append(number)
      return
    }
    if !isListed { list(number, sizeClass) }
    if isEmpty {
      emptyCounts[sizeClass.index] += 1
      addEmpty(runs[number]!.pages)
    }
  }

  /// The bytes of the block at an offset that `allocate` answered with.
  func blockBytes(at offset: Int) -> Int {
    lock.withLock { runs[Int(runOfPage[offset / SegmentLayout.pageBytes])]!.blockBytes }
  }

  /// Large blocks whose pages are committed and that nobody has taken, or that were given back.
  var largeFree: [Int] = []

  private func takeLarge(_ bytes: Int) -> Int? {
    let pages = (bytes + SegmentLayout.pageBytes - 1) / SegmentLayout.pageBytes
    guard let best = bestLarge(pages) else { return nil }
    let number = largeFree.remove(at: best)
    removeEmpty(runs[number]!.pages)
    noteUse(of: 1, bytes: runs[number]!.blockBytes)
    return runs[number]!.take()
  }

  /// Best fit, and no more than an eighth over.
  private func bestLarge(_ pages: Int) -> Int? {
    var best: Int?
    for position in largeFree.indices {
      let count = runs[largeFree[position]]!.pages.count
      guard count >= pages, count <= pages + pages / 8 else { continue }
      if best == nil || count < runs[largeFree[best!]]!.pages.count { best = position }
    }
    return best
  }

  private func take(from number: Int, _ sizeClass: SizeClass) -> Int {
    let (wasEmpty, offset, blockBytes, isFull) = withRun(number) { run in
      (run.isEmpty, run.take(), run.blockBytes, run.freeCount == 0)
    }
    if wasEmpty {
      removeEmpty(runs[number]!.pages)
      emptyCounts[sizeClass.index] -= 1
    }
    noteUse(of: 1, bytes: blockBytes)
    if isFull { unlist(number, sizeClass) }
    return offset
  }

  /// So many more blocks, or fewer, are in use. Under the lock.
  func noteUse(of count: Int, bytes: Int) { usage.change(by: count, bytes: bytes) }

  private func addEmpty(_ pages: Range<Int>) {
    emptyPages.wrappingAdd(pages.count, ordering: .relaxed)
  }

  func removeEmpty(_ pages: Range<Int>) {
    emptyPages.wrappingSubtract(pages.count, ordering: .relaxed)
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
    } while loosenSome()
    // Pages that are on their way to the system are nobody's meanwhile.
    trimLock.withLock {}
    return tryRefill(demand)
  }

  private func tryRefill(_ demand: Demand) -> Bool {
    let sizeClass = SizeClass(holding: demand.bytes)
    let counts = pageCounts(demand, sizeClass)
    let pages: Range<Int>? = lock.withLock {
      if let sizeClass, freeBlocks(sizeClass, atLeast: demand.count) { return 0..<0 }
      for count in counts {
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
      lock.withLock { add(pages, sizeClass) }
      return true
    } catch {
      // The file system is full: the same to the caller as a full segment, unless there are pages that have
      // memory already.
      return lock.withLock {
        map.give(pages)
        for count in counts {
          guard let first = map.takeLoose(count) else { continue }
          add(first..<first + count, sizeClass)
          return true
        }
        return false
      }
    }
  }

  /// How many pages to ask for, the most welcome number first, then the least that would do.
  private func pageCounts(_ demand: Demand, _ sizeClass: SizeClass?) -> [Int] {
    let page = SegmentLayout.pageBytes
    guard let sizeClass else { return [(demand.bytes + page - 1) / page] }
    let runs = lock.withLock { runCounts[sizeClass.index] }
    return [
      sizeClass.runPages(having: runs),
      (sizeClass.blockBytes * demand.count + page - 1) / page,
    ]
  }

  func freeBlocks(_ sizeClass: SizeClass, atLeast count: Int) -> Bool {
    var free = 0
    for number in open[sizeClass.index] {
      free += runs[number]!.freeCount
      if free >= count { return true }
    }
    return false
  }

  /// Makes a run of pages that were taken and have memory, under the lock. The table knows it before a block
  /// of it is used.
  func add(_ pages: Range<Int>, _ sizeClass: SizeClass?) {
    map.becomeResident(pages)
    table.enter(.init(pages: pages, sizeClass: sizeClass?.index))
    enter(BlockRun(pages: pages, sizeClass: sizeClass))
  }

  /// Enters a run, which may have blocks in use, in all lists.
  func enter(_ run: BlockRun) {
    let number: Int
    if let unused = unusedRunNumbers.popLast() {
      number = unused
      runs[number] = run
    } else {
      number = runs.count
      runs.append(run)
    }
    for page in run.pages { runOfPage[page] = Int32(number) }
    noteUse(of: run.usedCount, bytes: run.blockBytes)
    if let sizeClass = run.sizeClass { runCounts[sizeClass.index] += 1 }
    if run.freeCount > 0 { becomeFree(number) }
  }

  var emptyPageCount: Int { emptyPages.load(ordering: .relaxed) }

  /// Whether somebody has given back a large block of so many pages, or a few more.
  func hasLarge(_ count: Int) -> Bool { bestLarge(count) != nil }

  // MARK: Statistics

  /// Bytes of all runs.
  var runBytes: Int { lock.withLock { (pages.count - map.freeCount) * SegmentLayout.pageBytes } }

  /// Blocks in use, and a number that is another one when a block was taken or given back since.
  var use: (blocks: Int, turnover: Int) { lock.withLock { (usage.blocks, usage.turnover) } }

  /// Bytes of blocks in use, and bytes of pages that were taken from the system.
  var memory: (used: Int, reserved: Int) {
    lock.withLock { (usage.bytes, map.residentCount * SegmentLayout.pageBytes) }
  }
}

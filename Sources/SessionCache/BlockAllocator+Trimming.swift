import SessionSegment
import Synchronization
import SystemCalls

/// How memory goes back to the system.
extension BlockAllocator {
  /// Pages of empty runs that came to be since the last trim, which `trim` would give back.
  var surplusPages: Int {
    emptyPages.load(ordering: .relaxed) - emptyPagesKept.load(ordering: .relaxed)
  }

  /// Takes empty runs apart, but for one a class, which is kept because the next block is likely to come, and
  /// gives the memory of the pages back to the system that have been loose since the last time: call it about
  /// a second apart. The caller holds no lock.
  ///
  /// - Parameter rest: called now and then: the time to leave the processor to others.
  func trim(keepingOneEmptyRun: Bool = true, rest: () -> Void = {}) {
    while giveSomeBack() { rest() }
    while loosenSome(keepingOneEmptyRun: keepingOneEmptyRun) { rest() }
    lock.withLock { map.ageLoose() }
    emptyPagesKept.store(emptyPages.load(ordering: .relaxed), ordering: .relaxed)
  }

  /// Whether `trim` has something to do a second from now.
  var hasLoosePages: Bool { lock.withLock { map.looseCount > 0 } }

  /// Takes a few empty runs apart; whether there were any.
  ///
  /// - Parameter sparesFresh: runs that were never used are left alone: whoever got them is about to take a block.
  func loosenSome(keepingOneEmptyRun: Bool = false, sparesFresh: Bool = true) -> Bool {
    lock.withLock {
      let detached = detachEmptyRuns(keepingOne: keepingOneEmptyRun, sparesFresh: sparesFresh)
      for pages in detached { map.give(pages) }
      return !detached.isEmpty
    }
  }

  /// Gives a few of the pages back that were loose the last time; whether there were any.
  private func giveSomeBack() -> Bool {
    trimLock.withLock {
      guard let pages = lock.withLock({ map.takeAged(most: Self.pagesGivenAtOnce) }) else { return false }
      giveBack(pages)
      return true
    }
  }

  private func giveBack(_ pages: Range<Int>) {
    let page = SegmentLayout.pageBytes
    do throws(SystemCallError) {
      try source.release(offset: pages.lowerBound * page, length: pages.count * page)
      lock.withLock { map.giveReleased(pages) }
    } catch {
      // They keep their memory, which costs that and nothing else: they are used again, or given back later.
      lock.withLock { map.give(pages) }
    }
  }

  /// 1 MiB: so much is nobody's at a time.
  private static let pagesGivenAtOnce = 256
  private static let trimmedAtOnce = 16

  private func detachEmptyRuns(keepingOne: Bool, sparesFresh: Bool) -> [Range<Int>] {
    var detached: [Range<Int>] = []
    while detached.count < Self.trimmedAtOnce,
      let position = largeFree.lastIndex(where: { !(sparesFresh && runs[$0]!.isFresh) })
    {
      let number = largeFree.remove(at: position)
      removeEmpty(runs[number]!.pages)
      detached.append(detach(number))
    }
    for index in emptyCounts.indices where emptyCounts[index] > (keepingOne ? 1 : 0) {
      for number in open[index] where runs[number]!.isEmpty && !(sparesFresh && runs[number]!.isFresh) {
        guard detached.count < Self.trimmedAtOnce else { return detached }
        guard emptyCounts[index] > (keepingOne ? 1 : 0) else { break }
        removeEmpty(runs[number]!.pages)
        unlist(number, SizeClass(index: index))
        runCounts[index] -= 1
        emptyCounts[index] -= 1
        detached.append(detach(number))
      }
    }
    return detached
  }

  /// Takes a run apart in which nothing is, and which may be taken from.
  func detachEmpty(_ number: Int) {
    removeEmpty(runs[number]!.pages)
    if let sizeClass = runs[number]!.sizeClass {
      unlist(number, sizeClass)
      runCounts[sizeClass.index] -= 1
      emptyCounts[sizeClass.index] -= 1
    } else {
      largeFree.removeAll { $0 == number }
    }
    _ = detach(number)
  }

  func detach(_ number: Int) -> Range<Int> {
    let pages = runs[number]!.pages
    table.clear(pages)
    for page in pages { runOfPage[page] = -1 }
    runs[number] = nil
    unusedRunNumbers.append(number)
    return pages
  }
}

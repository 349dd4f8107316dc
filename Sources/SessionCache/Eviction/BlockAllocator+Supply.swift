import SessionSegment
import SystemCalls

extension BlockAllocator {
  /// Runs and free pages that one search looks at, under the lock: some ten microseconds.
  private static let piecesLookedAt = 256

  /// So many searches go once all over the pages.
  var searchesOfAll: Int { min(pages.count / Self.piecesLookedAt + 1, 1024) }

  /// What there is for a demand.
  enum Supply {
    case blocks
    /// Pages, perhaps not in a row.
    case pages
    case nothing
  }

  /// A look that changes nothing.
  func supply(for demand: Demand) -> Supply {
    let least = leastPages(demand)
    return lock.withLock {
      if let sizeClass = SizeClass(holding: demand.bytes) {
        if freeBlocks(sizeClass, atLeast: demand.count) { return .blocks }
      } else if hasLarge(least) {
        return .blocks
      }
      return map.freeCount + emptyPageCount >= least ? .pages : .nothing
    }
  }

  /// The fewest pages that would do.
  func leastPages(_ demand: Demand) -> Int {
    let block = SizeClass(holding: demand.bytes)?.blockBytes ?? demand.bytes
    return (block * demand.count + SegmentLayout.pageBytes - 1) / SegmentLayout.pageBytes
  }

  /// Bytes in which nothing lies.
  var slackBytes: Int { lock.withLock { pages.count * SegmentLayout.pageBytes - usage.bytes } }

  /// Pages that are free, or in runs that hold nothing.
  var freePageCount: Int { lock.withLock { map.freeCount + emptyPageCount } }

  // MARK: Choosing pages to clear

  /// Of what lies behind the place where the last search ended, what costs the least. Under the lock.
  func choosePages(_ demand: Demand?, refuge: Int) -> [PageSearch.Piece]? {
    var search = PageSearch(demand.map(leastPages) ?? 1)
    var best: (pieces: [PageSearch.Piece], used: Int)?
    var page = clearingHand
    var looked = 0
    var pagesLeft = pages.count + search.count
    while looked < Self.piecesLookedAt, pagesLeft > 0 {
      if page >= pages.upperBound {
        page = pages.lowerBound
        search.restart()
      }
      looked += 1
      guard let piece = piece(at: page, refuge: refuge) else {
        let end = endOfObstacle(at: page)
        pagesLeft -= end - page
        page = end
        search.restart()
        continue
      }
      page = piece.pages.upperBound
      pagesLeft -= piece.pages.count
      search.append(piece)
      guard search.hasEnough, search.used < best?.used ?? .max, demand != nil || search.used > 0 else {
        continue
      }
      if hasRoom(elsewhereFor: search.pieces, mayUsePages: demand != nil) {
        best = (search.pieces, search.used)
      }
    }
    clearingHand = page
    return best?.pieces
  }

  /// The run or the free page at a place; nil where neither is that could be cleared.
  private func piece(at page: Int, refuge: Int) -> PageSearch.Piece? {
    let number = Int(runOfPage[page])
    guard number >= 0 else {
      return map.isFree(page) ? PageSearch.Piece(pages: page..<page + 1, run: nil, used: 0, counted: 1) : nil
    }
    guard !runs[number]!.isEvacuating, !(runs[number]!.isEmpty && runs[number]!.isFresh) else { return nil }
    let count = runs[number]!.pages.count
    let isLarge = runs[number]!.sizeClass == nil && !runs[number]!.isEmpty
    guard !isLarge || count <= refuge else { return nil }
    return PageSearch.Piece(
      pages: runs[number]!.pages, run: number, used: runs[number]!.usedCount * runs[number]!.blockBytes,
      counted: isLarge ? 0 : count)
  }

  private func endOfObstacle(at page: Int) -> Int {
    let number = Int(runOfPage[page])
    return number >= 0 ? runs[number]!.pages.upperBound : page + 1
  }

  /// Whether blocks of other runs, or free pages, would take in all small blocks of some pieces. Of free pages it is
  /// not known whether enough of them lie in a row.
  private func hasRoom(elsewhereFor pieces: [PageSearch.Piece], mayUsePages: Bool) -> Bool {
    var pagesLeft = mayUsePages ? map.freeCount - pieces.reduce(0) { $0 + ($1.run == nil ? 1 : 0) } : 0
    let cleared = pieces[0].pages.lowerBound..<pieces[pieces.count - 1].pages.upperBound
    for (index, piece) in pieces.enumerated() where piece.used > 0 {
      guard let sizeClass = runs[piece.run!]!.sizeClass else { continue }
      func isAlike(_ other: PageSearch.Piece) -> Bool {
        other.used > 0 && runs[other.run!]!.sizeClass == sizeClass
      }
      // Once for all runs of the class.
      guard !pieces[..<index].contains(where: isAlike) else { continue }
      let used = pieces[index...].reduce(0) { $0 + (isAlike($1) ? runs[$1.run!]!.usedCount : 0) }
      let missing = used - freeBlocks(sizeClass, outside: cleared, most: used)
      pagesLeft -= (missing * sizeClass.blockBytes + SegmentLayout.pageBytes - 1) / SegmentLayout.pageBytes
      guard pagesLeft >= 0 else { return false }
    }
    return true
  }

  private func freeBlocks(_ sizeClass: SizeClass, outside cleared: Range<Int>, most: Int) -> Int {
    var free = 0
    for number in open[sizeClass.index] where !cleared.contains(runs[number]!.pages.lowerBound) {
      free += runs[number]!.freeCount
      if free >= most { return most }
    }
    return free
  }
}

import SessionSegment
import SystemCalls

/// Pages in a row that are being cleared, so that they can be used for something else. None of their blocks is
/// handed out meanwhile, and those of its pages that are in no run are nobody's.
struct ClearedPages {
  let pages: Range<Int>
  /// The runs that are still there, in order.
  fileprivate(set) var runs: [Int]

  func contains(_ offset: Int) -> Bool { pages.contains(offset / SegmentLayout.pageBytes) }
}

extension BlockAllocator {
  // MARK: Clearing

  /// Chooses pages in a row, enough for a demand, in which little lies, and for all of which there is room elsewhere.
  /// The pages count but for those of large blocks, which may have to come back into what is over.
  ///
  /// - Parameters:
  ///   - demand: nil for any pages at all that can be cleared without the use of others.
  ///   - refuge: a large block of so many pages can be put elsewhere for a moment.
  /// - Returns: nil if none were found where it looked. The next search looks elsewhere.
  func beginClearing(for demand: Demand?, refuge: Int) -> ClearedPages? {
    let chosen: (cleared: ClearedPages, free: [Range<Int>])? = lock.withLock {
      guard let pieces = choosePages(demand, refuge: refuge) else { return nil }
      return begin(pieces)
    }
    guard let (cleared, free) = chosen else { return nil }
    let page = SegmentLayout.pageBytes
    do throws(SystemCallError) {
      for pages in free {
        try source.commit(offset: pages.lowerBound * page, length: pages.count * page)
        lock.withLock { map.becomeResident(pages) }
      }
      return cleared
    } catch {
      giveUpClearing(cleared)
      return nil
    }
  }

  private func begin(_ pieces: [PageSearch.Piece]) -> (cleared: ClearedPages, free: [Range<Int>]) {
    var chosen: [Int] = []
    var free: [Range<Int>] = []
    for piece in pieces {
      if let number = piece.run, !runs[number]!.isEmpty {
        if runs[number]!.listPosition >= 0 { unlist(number, runs[number]!.sizeClass!) }
        runs[number]!.isEvacuating = true
        chosen.append(number)
      } else if let number = piece.run {
        // Its pages are used to the map, and stay so.
        detachEmpty(number)
      } else {
        map.takeFree(piece.pages)
        free.append(piece.pages)
      }
    }
    let pages = pieces[0].pages.lowerBound..<pieces[pieces.count - 1].pages.upperBound
    return (ClearedPages(pages: pages, runs: chosen), free)
  }

  /// The offsets of the blocks, but for large ones, that are still to be moved.
  func smallBlocks(in cleared: ClearedPages) -> [(offset: Int, bytes: Int)] {
    lock.withLock {
      var used: [(Int, Int)] = []
      for number in cleared.runs where runs[number]!.sizeClass != nil {
        runs[number]!.forEachUsed { used.append(($0, runs[number]!.blockBytes)) }
      }
      return used
    }
  }

  /// The large blocks that are in use, in order.
  func largeBlocks(in cleared: ClearedPages) -> [Range<Int>] {
    lock.withLock { cleared.runs.compactMap { runs[$0]!.sizeClass == nil ? runs[$0]!.pages : nil } }
  }

  /// Takes the runs apart in which nothing is any more.
  func dissolveEmpty(in cleared: inout ClearedPages) {
    lock.withLock {
      for number in cleared.runs where runs[number]!.isEmpty {
        if let sizeClass = runs[number]!.sizeClass { runCounts[sizeClass.index] -= 1 }
        _ = detach(number)
      }
      cleared.runs.removeAll { runs[$0] == nil }
    }
  }

  /// Makes some of the pages that are in no run a large block, which is taken; its offset.
  func placeLarge(at pages: Range<Int>) -> Int {
    lock.withLock {
      table.enter(.init(pages: pages, sizeClass: nil))
      var run = BlockRun(pages: pages, sizeClass: nil)
      let offset = run.take()
      enter(run)
      return offset
    }
  }

  /// Undoes `placeLarge`.
  func unplaceLarge(at offset: Int) {
    lock.withLock {
      let number = Int(runOfPage[offset / SegmentLayout.pageBytes])
      noteUse(of: -1, bytes: runs[number]!.blockBytes)
      _ = detach(number)
    }
  }

  /// Makes the pages from `start` on, which are in no run, a run for a demand, and what is over, or all, free.
  func endClearing(_ cleared: ClearedPages, from start: Int, for demand: Demand?) {
    lock.withLock {
      var rest = start..<cleared.pages.upperBound
      if let demand {
        let sizeClass = SizeClass(holding: demand.bytes)
        let least = leastPages(demand)
        let wanted = sizeClass.map { $0.runPages(having: runCounts[$0.index]) } ?? least
        let run = rest.prefix(max(wanted, least))
        add(run, sizeClass)
        rest = run.upperBound..<rest.upperBound
      }
      map.give(rest)
    }
  }

  /// What is in no run can be used for anything, the rest is used as before: also the large blocks that came to lie
  /// among the pages, or stayed, and are none of the runs that were to be cleared.
  func giveUpClearing(_ cleared: ClearedPages) {
    lock.withLock {
      for number in cleared.runs { leave(number) }
      for page in cleared.pages where runOfPage[page] < 0 { map.give(page..<page + 1) }
    }
  }

  /// A large block stays where it is.
  func leaveLarge(at pages: Range<Int>, in cleared: inout ClearedPages) {
    lock.withLock {
      let number = Int(runOfPage[pages.lowerBound])
      cleared.runs.removeAll { $0 == number }
      leave(number)
    }
  }

  private func leave(_ number: Int) {
    runs[number]!.isEvacuating = false
    if runs[number]!.freeCount > 0 { becomeFree(number) }
  }

  /// All blocks in use.
  var usedBlocks: [(offset: Int, bytes: Int)] {
    lock.withLock {
      var used: [(Int, Int)] = []
      for number in runs.indices where runs[number].map({ !$0.isEmpty }) ?? false {
        runs[number]!.forEachUsed { used.append(($0, runs[number]!.blockBytes)) }
      }
      return used
    }
  }
}

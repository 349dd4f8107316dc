import SessionSegment
import SystemCalls

extension BlockAllocator {
  /// Takes over the runs that the page table tells of, with all their blocks free, before any other use. `take`
  /// comes next, `finishAdoption` last.
  ///
  /// - Returns: whether they lie beside each other and inside.
  func adopt(_ adopted: [PageTable.Run]) -> Bool {
    lock.withLock {
      for run in adopted {
        guard map.take(exactly: run.pages) else { return false }
        map.becomeResident(run.pages)
        let number = Int32(runs.count)
        runs.append(
          BlockRun(pages: run.pages, sizeClass: run.sizeClass.map(SizeClass.init(index:)), isFresh: false))
        for page in run.pages { runOfPage[page] = number }
      }
      return true
    }
  }

  /// Takes the block at an offset; false if there is no free one there, or it has no room for so many bytes.
  func take(_ offset: Int, bytes: Int) -> Bool {
    lock.withLock {
      let number = Int(runOfPage[offset / SegmentLayout.pageBytes])
      guard number >= 0, runs[number]!.blockBytes >= bytes else { return false }
      return runs[number]!.take(at: offset)
    }
  }

  /// Enters the runs in the lists, now that it is known what is in them, and clears what a killed daemon has
  /// left in free blocks.
  func finishAdoption(_ mapping: SegmentMapping) {
    lock.withLock {
      let adopted = runs
      runs = []
      for run in adopted {
        guard let run else { continue }
        run.forEachFree { offset in Self.clear(mapping.base + offset, bytes: run.blockBytes) }
        enter(run)
      }
    }
  }

  /// Records are written from the block's beginning on and cleared from its end, so that one that was cut short
  /// shows in the first words; pages and directories of the index are looked at as a whole.
  private static func clear(_ block: UnsafeMutableRawPointer, bytes: Int) {
    let shown = bytes <= SegmentLayout.pageBytes ? bytes : RecordLayout.headerBytes
    guard !SharedWords.areZero(block, bytes: shown) else { return }
    RecordStamp.withdraw(from: block)
    SharedWords.zero(block, bytes: bytes)
  }
}

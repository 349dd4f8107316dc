import SessionSegment
import SystemCalls

/// Runs whose blocks are to be moved elsewhere, so that their pages become free.
struct Evacuation {
  fileprivate(set) var runs: [Int] = []
  private var pages: Set<Int> = []

  /// Whether a block at this offset is to be moved.
  func contains(_ offset: Int) -> Bool { pages.contains(offset / SegmentLayout.pageBytes) }

  fileprivate mutating func add(_ number: Int, _ run: BlockRun) {
    runs.append(number)
    pages.formUnion(run.pages)
  }
}

extension BlockAllocator {
  /// Chooses runs that are at most half used, and those in the spare pages, as far as the other runs of
  /// their class have room for what is in them. No block of them is handed out until `endEvacuation`.
  ///
  /// - Returns: nil if there are none such.
  func beginEvacuation() -> Evacuation? {
    lock.withLock {
      var evacuation = Evacuation()
      for index in open.indices where open[index].count > 1 {
        var room = open[index].reduce(0) { $0 + runs[$1]!.freeCount }
        let fullestLast = open[index].sorted { isEvacuatedBefore(runs[$0]!, runs[$1]!) }
        for number in fullestLast where isSparse(runs[number]!) {
          // Its own room is gone, and what it holds goes into the others'.
          room -= runs[number]!.freeCount + runs[number]!.usedCount
          guard room >= 0 else { break }
          evacuation.add(number, runs[number]!)
          unlist(number, SizeClass(index: index))
          runs[number]!.isEvacuating = true
        }
      }
      return evacuation.runs.isEmpty ? nil : evacuation
    }
  }

  /// What is empty now can be trimmed, the rest is used as before.
  func endEvacuation(_ evacuation: Evacuation) {
    lock.withLock {
      for number in evacuation.runs {
        runs[number]!.isEvacuating = false
        let sizeClass = runs[number]!.sizeClass!
        list(number, sizeClass)
        guard runs[number]!.isEmpty else { continue }
        emptyCounts[sizeClass.index] += 1
        addEmpty(runs[number]!)
      }
    }
  }

  private func isSparse(_ run: BlockRun) -> Bool {
    !run.isEmpty && (isSpare(run) || run.usedCount * 2 <= run.blockCount)
  }

  private func isSpare(_ run: BlockRun) -> Bool { run.pages.lowerBound >= firstSparePage }

  private func isEvacuatedBefore(_ a: BlockRun, _ b: BlockRun) -> Bool {
    isSpare(a) != isSpare(b) ? isSpare(a) : a.usedCount * b.blockCount < b.usedCount * a.blockCount
  }
}

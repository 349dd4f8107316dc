import SessionSegment
import SystemCalls

/// One allocator's runs that are being evacuated.
struct EvacuatedRuns {
  fileprivate(set) var numbers: [Int] = []
  fileprivate(set) var pages: Set<Int> = []

  fileprivate mutating func add(_ number: Int, _ run: BlockRun) {
    numbers.append(number)
    pages.formUnion(run.pages)
  }
}

extension BlockAllocator {
  /// Chooses runs that are at most half used, as far as the other runs of their class have room for what
  /// is in them. No block of them is handed out until `endEvacuation`.
  func beginEvacuationOfSparse() -> EvacuatedRuns {
    lock.withLock {
      var chosen = EvacuatedRuns()
      for index in open.indices where open[index].count > 1 {
        var room = open[index].reduce(0) { $0 + runs[$1]!.freeCount }
        let emptiestFirst = open[index].sorted { isEmptier(runs[$0]!, runs[$1]!) }
        for number in emptiestFirst where !runs[number]!.isEmpty {
          // Its own room is gone, and what it holds goes into the others'.
          room -= runs[number]!.blockCount
          guard room >= 0, runs[number]!.usedCount * 2 <= runs[number]!.blockCount else { break }
          begin(number, &chosen)
        }
      }
      evacuated = chosen
      return chosen
    }
  }

  /// Chooses all runs that hold something.
  func beginEvacuationOfAll() -> EvacuatedRuns {
    lock.withLock {
      var chosen = EvacuatedRuns()
      for number in runs.indices where runs[number].map({ !$0.isEmpty }) ?? false { begin(number, &chosen) }
      evacuated = chosen
      return chosen
    }
  }

  private func begin(_ number: Int, _ chosen: inout EvacuatedRuns) {
    chosen.add(number, runs[number]!)
    if runs[number]!.listPosition >= 0 { unlist(number, runs[number]!.sizeClass!) }
    runs[number]!.isEvacuating = true
  }

  /// What is empty now can be trimmed, the rest is used as before. Does nothing if it was ended already.
  func endEvacuation() {
    lock.withLock {
      for number in evacuated?.numbers ?? [] {
        runs[number]!.isEvacuating = false
        if runs[number]!.freeCount > 0 { becomeFree(number) }
      }
      evacuated = nil
    }
  }

  var isEvacuating: Bool { lock.withLock { evacuated != nil } }

  private func isEmptier(_ a: BlockRun, _ b: BlockRun) -> Bool {
    a.usedCount * b.blockCount < b.usedCount * a.blockCount
  }
}

import SessionSegment

/// The sizes of blocks: 64 to 512 bytes in steps of 16, then sixteen steps in each doubling up to
/// 32 KiB, so that rounding up wastes at most a sixteenth. Larger blocks are whole pages.
struct SizeClass: Equatable {
  static let smallest = 64
  static let largest = 32 * 1024
  /// Classes with steps of 16 bytes.
  private static let fineCount = (512 - smallest) / 16 + 1
  static let count = fineCount + 6 * 16

  let index: Int

  /// The smallest class with room for so many bytes; nil for more than the largest holds.
  @inline(__always)
  init?(holding bytes: Int) {
    guard bytes <= Self.largest else { return nil }
    if bytes <= 512 {
      index = max(0, (bytes - Self.smallest + 15) / 16)
      return
    }
    // 2^doubling < bytes ≤ 2^(doubling+1), cut into sixteen steps.
    let doubling = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
    let step = 1 << (doubling - 4)
    index = Self.fineCount + (doubling - 9) * 16 + (bytes - (1 << doubling) + step - 1) / step - 1
  }

  init(index: Int) {
    self.index = index
  }

  var blockBytes: Int {
    guard index >= Self.fineCount else { return Self.smallest + index * 16 }
    let (octave, step) = (index - Self.fineCount).quotientAndRemainder(dividingBy: 16)
    return (1 << (9 + octave)) + (step + 1) * (1 << (5 + octave))
  }

  /// How many pages the next run of this class takes when it has `runs` already: the first ones are
  /// small, so that a class that is hardly used holds little, and of the sizes near the wanted one
  /// the one that leaves the least over at its end.
  func runPages(having runs: Int) -> Int {
    let page = SegmentLayout.pageBytes
    let wanted = min(16 << min(runs, 2), 64) * 1024
    let least = max(wanted, blockBytes * 4) / page
    let candidates = least...(least + max(4, least / 3))
    return candidates.min { a, b in
      a * page % blockBytes * b < b * page % blockBytes * a
    }!
  }
}

import SessionSegment

/// Some pages in a row, cut into blocks of one size, or holding one large block. The bits of the
/// free blocks are the process's own: nothing that a reader could meet lies in a free block, and
/// after a restart they are found again from the records that the index knows.
struct BlockRun {
  let pages: Range<Int>
  /// nil for a single large block.
  let sizeClass: SizeClass?
  let blockBytes: Int
  let blockCount: Int
  private(set) var freeCount: Int
  private var freeBits: [UInt64]
  /// Where the run stands in its class's list of runs with free blocks, -1 if it does not.
  var listPosition = -1
  /// Whether its blocks are being moved elsewhere, so that none of it may be taken.
  var isEvacuating = false
  /// Whether no block of it was ever taken.
  private(set) var isFresh: Bool

  /// All blocks are free.
  ///
  /// - Parameter isFresh: false for a run that another daemon has used.
  init(pages: Range<Int>, sizeClass: SizeClass?, isFresh: Bool = true) {
    self.isFresh = isFresh
    let bytes = pages.count * SegmentLayout.pageBytes
    self.pages = pages
    self.sizeClass = sizeClass
    blockBytes = sizeClass?.blockBytes ?? bytes
    blockCount = bytes / blockBytes
    freeCount = blockCount
    freeBits = (0..<(blockCount + 63) / 64).map { [blockCount] word in
      let rest = blockCount - word * 64
      return rest >= 64 ? .max : (1 << UInt64(rest)) - 1
    }
  }

  var start: Int { pages.lowerBound * SegmentLayout.pageBytes }
  var isEmpty: Bool { freeCount == blockCount }
  var usedCount: Int { blockCount - freeCount }

  /// Takes the first free block; its offset in the segment. There must be one.
  mutating func take() -> Int {
    isFresh = false
    var word = 0
    while freeBits[word] == 0 { word += 1 }
    let bit = freeBits[word].trailingZeroBitCount
    freeBits[word] &= freeBits[word] - 1
    freeCount -= 1
    return start + (word * 64 + bit) * blockBytes
  }

  /// Takes the block at an offset; false if no free block begins there.
  mutating func take(at offset: Int) -> Bool {
    let (block, rest) = (offset - start).quotientAndRemainder(dividingBy: blockBytes)
    let bit: UInt64 = 1 << UInt64(block % 64)
    guard rest == 0, block < blockCount, freeBits[block / 64] & bit != 0 else { return false }
    freeBits[block / 64] &= ~bit
    freeCount -= 1
    return true
  }

  /// Calls `body` with the offset of each free block.
  func forEachFree(_ body: (Int) -> Void) {
    for index in freeBits.indices {
      var bits = freeBits[index]
      while bits != 0 {
        body(start + (index * 64 + bits.trailingZeroBitCount) * blockBytes)
        bits &= bits - 1
      }
    }
  }

  /// Calls `body` with the offset of each block in use.
  func forEachUsed(_ body: (Int) -> Void) {
    for block in 0..<blockCount where freeBits[block / 64] & 1 << UInt64(block % 64) == 0 {
      body(start + block * blockBytes)
    }
  }

  mutating func give(_ offset: Int) {
    let (block, rest) = (offset - start).quotientAndRemainder(dividingBy: blockBytes)
    let bit: UInt64 = 1 << UInt64(block % 64)
    precondition(rest == 0 && freeBits[block / 64] & bit == 0, "offset \(offset) is no block in use")
    freeBits[block / 64] |= bit
    freeCount += 1
  }
}

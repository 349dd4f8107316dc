/// Some pages in a row, cut into blocks of one size, or one large block.
struct BlockRun {
  let pages: Range<Int>
  /// nil for a large block.
  let sizeClass: Int?
  /// Which of its blocks something was found in.
  var isUsed: [Bool]

  var start: Int { pages.lowerBound * AuditFormat.pageBytes }
  var end: Int { pages.upperBound * AuditFormat.pageBytes }
  var blockBytes: Int { sizeClass.map { AuditFormat.blockSizes[$0] } ?? end - start }

  init(pages: Range<Int>, sizeClass: Int?) {
    self.pages = pages
    self.sizeClass = sizeClass
    isUsed = []
    isUsed = Array(repeating: false, count: (end - start) / blockBytes)
  }

  func place(ofBlock number: Int) -> Range<Int> {
    start + number * blockBytes..<start + (number + 1) * blockBytes
  }
}

/// All runs of a segment, found by page.
struct BlockRuns {
  private(set) var runs: [BlockRun] = []
  private var runOfPage: [Int32]

  init(pageCount: Int) { runOfPage = Array(repeating: -1, count: pageCount) }

  /// Whether none of the pages is in another run.
  mutating func add(_ run: BlockRun) -> Bool {
    guard run.pages.allSatisfy({ runOfPage[$0] < 0 }) else { return false }
    for page in run.pages { runOfPage[page] = Int32(runs.count) }
    runs.append(run)
    return true
  }

  func isInRun(_ page: Int) -> Bool { runOfPage[page] >= 0 }

  enum Claim {
    case taken
    case noBlock
    /// Of another size than its content calls for.
    case wrongSize(Int)
    case again
  }

  /// Notes that a block holds something of so many bytes.
  ///
  /// - Parameter mayBeLarger: whether it may lie in a block that has room for more.
  mutating func claim(_ offset: Int, bytes: Int, mayBeLarger: Bool) -> Claim {
    let page = offset / AuditFormat.pageBytes
    guard offset > 0, page < runOfPage.count, runOfPage[page] >= 0 else { return .noBlock }
    let number = Int(runOfPage[page])
    let run = runs[number]
    let (block, rest) = (offset - run.start).quotientAndRemainder(dividingBy: run.blockBytes)
    guard rest == 0, block < run.isUsed.count else { return .noBlock }
    guard fits(bytes, run) || mayBeLarger && bytes <= run.blockBytes else {
      return .wrongSize(run.blockBytes)
    }
    guard !run.isUsed[block] else { return .again }
    runs[number].isUsed[block] = true
    return .taken
  }

  private func fits(_ bytes: Int, _ run: BlockRun) -> Bool {
    guard let wanted = AuditFormat.sizeClass(holding: bytes) else {
      let pages = (bytes + AuditFormat.pageBytes - 1) / AuditFormat.pageBytes
      // A large block that was there already may have an eighth over.
      return run.sizeClass == nil && (pages...pages + pages / 8).contains(run.pages.count)
    }
    return run.sizeClass == wanted
  }

  /// The whole of the block at a place that was claimed.
  func block(at offset: Int) -> Range<Int> {
    let run = runs[Int(runOfPage[offset / AuditFormat.pageBytes])]
    return offset..<offset + run.blockBytes
  }
}

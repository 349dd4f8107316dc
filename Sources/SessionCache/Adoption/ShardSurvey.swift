import SessionSegment

/// What a walk over one shard of a segment found, and what is to be mended of a change that a kill cut
/// short. Nothing is changed by the walk.
struct ShardSurvey {
  struct Entry {
    let slot: Int
    let word: SlotWord
    let recordBytes: Int
  }

  struct Page {
    let number: Int
    let depth: Int
    /// The directory cells that name it.
    let cells: Range<Int>
    var entries: [Entry] = []
  }

  let shard: Int
  var directory: Directory?
  var pages: [Page] = []
  /// Cells that name another page than they should: what was left of a split or a join.
  var staleCells: [(cell: Int, page: Int)] = []
  private(set) var highestVersion: UInt64 = 0
  /// Things that no kill leaves behind.
  private(set) var flaws = 0

  init(shard: Int, _ proof: RecordProof) {
    self.shard = shard
    let entry = ShardEntry(proof.mapping, shard: shard)
    guard let directory = entry.directoryIfInside(proof.pages) else {
      flaws += 1
      return
    }
    self.directory = directory
    let claims = claims(on: directory, proof)
    var owner = [Int?](repeating: nil, count: directory.count)
    var losers: [(page: Page, owner: Int)] = []
    // The shallowest page of a group of cells holds all entries of the group: a split page does until both
    // halves are in all their cells, and joined pages' successor does from its first cell on.
    for claim in claims.sorted(by: { $0.depth < $1.depth }) {
      if let first = owner[claim.cells.lowerBound] {
        losers.append((claim, first))
        continue
      }
      for cell in claim.cells { owner[cell] = pages.count }
      pages.append(claim)
    }
    for index in pages.indices { pages[index].entries = entries(of: pages[index], proof, directory) }
    for cell in 0..<directory.count {
      guard let index = owner[cell] else {
        flaws += 1
        continue
      }
      if directory[cell] != pages[index].number { staleCells.append((cell, pages[index].number)) }
    }
    for (loser, index) in losers { checkIsContained(loser, in: pages[index], proof.mapping) }
  }

  /// Each page that the directory names, with the cells that its depth gives it.
  private mutating func claims(on directory: Directory, _ proof: RecordProof) -> [Page] {
    var claims: [Int: Page] = [:]
    for cell in 0..<directory.count {
      let number = directory[cell]
      guard proof.pages.contains(offset: number * SegmentLayout.pageBytes, bytes: SegmentLayout.pageBytes)
      else {
        flaws += 1
        continue
      }
      if let known = claims[number] {
        if !known.cells.contains(cell) { flaws += 1 }
        continue
      }
      let depth = BucketPage(proof.mapping, offset: number * SegmentLayout.pageBytes).depth
      guard depth <= directory.depth else {
        flaws += 1
        continue
      }
      let span = 1 << (directory.depth - depth)
      let first = cell / span * span
      claims[number] = Page(number: number, depth: depth, cells: first..<first + span)
    }
    return Array(claims.values)
  }

  /// The entries of a page that can be proved right.
  private mutating func entries(of page: Page, _ proof: RecordProof, _ directory: Directory) -> [Entry] {
    let bucket = BucketPage(proof.mapping, offset: page.number * SegmentLayout.pageBytes)
    guard let empty = (0..<BucketPage.slots).first(where: { bucket.slot($0).isEmpty }) else {
      flaws += 1
      return []
    }
    var entries: [Entry] = []
    let prefix = page.cells.lowerBound >> (directory.depth - page.depth)
    var run = 0
    for step in 1..<BucketPage.slots {
      let slot = (empty + step) % BucketPage.slots
      let word = bucket.slot(slot)
      guard !word.isEmpty else {
        run = 0
        continue
      }
      let distance = (slot - word.tag.home + BucketPage.slots) % BucketPage.slots
      run += 1
      guard distance < run, word.tag.directoryIndex(depth: page.depth) == prefix,
        let bytes = proof.recordBytes(word, shard: shard)
      else {
        flaws += 1
        continue
      }
      highestVersion = max(highestVersion, RecordView(at: proof.mapping.base + word.offset).version)
      entries.append(Entry(slot: slot, word: word, recordBytes: bytes))
    }
    return entries
  }

  /// What a page that is not needed any more holds must be in the one that counts.
  private mutating func checkIsContained(_ loser: Page, in page: Page, _ mapping: SegmentMapping) {
    let offsets = Set(page.entries.map(\.word.offset))
    let bucket = BucketPage(mapping, offset: loser.number * SegmentLayout.pageBytes)
    for slot in 0..<BucketPage.slots {
      let word = bucket.slot(slot)
      if !word.isEmpty, !offsets.contains(word.offset) { flaws += 1 }
    }
  }
}

extension ShardEntry {
  /// The directory, if it lies among these pages.
  func directoryIfInside(_ pages: PageSet) -> Directory? {
    let directory = self.directory
    guard directory.depth <= Self.depthMost,
      pages.contains(offset: directory.offset, bytes: directory.byteCount)
    else { return nil }
    return directory
  }
}

import SegmentAudit

/// Where things lie in a sound segment, for planting flaws.
struct SegmentPlaces {
  struct Entry {
    let slot: Int
    /// Where its index word and its due tick lie.
    let word: Int
    let due: Int
    let record: Int
  }

  /// The first shard's entry, directory and its depth, and the first bucket page.
  let shard = 4096
  let directory: Int
  let depth: Int
  let page: Int
  let entries: [Entry]
  /// Those of sessions without tags, of sessions with several, of marks and of aliases.
  let sessions: [Entry]
  let tagged: [Entry]
  let marks: [Entry]
  let aliases: [Entry]
  let pageTable: Int
  /// The first cell of the page table that is not zero.
  let runCell: Int

  init(_ image: SegmentImage) {
    directory = Int(image.word(shard) >> 8) * 16
    depth = Int(image.word(shard) & 0xFF)
    let page = Int(image.half(directory)) * 4096
    self.page = page
    let entries: [Entry] = (0..<336).compactMap { slot in
      let word = image.word(page + 64 + 8 * slot)
      guard word != 0 else { return nil }
      return Entry(
        slot: slot, word: page + 64 + 8 * slot, due: page + 2752 + 4 * slot,
        record: Int(word & 0xFF_FFFF_FFFF) * 16)
    }
    self.entries = entries
    func ofKind(_ kind: UInt8) -> [Entry] { entries.filter { image.byte($0.record + 41) == kind } }
    sessions = ofKind(0).filter { image.short($0.record + 42) == 0 }
    tagged = ofKind(0).filter { image.short($0.record + 42) > 1 }
    marks = ofKind(1)
    aliases = ofKind(2)
    pageTable = 8192
    var cell = pageTable
    while image.half(cell) == 0 { cell += 4 }
    runCell = cell
  }

  var runPage: Int { (runCell - pageTable) / 4 }
}

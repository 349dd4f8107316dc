/// What is done to a segment's file, for tests of those who must cope with it.
public enum Damage: CaseIterable, Sendable {
  case anywhere, header, shardTable, pageTable, directories, buckets, slots, recordHeaders, records
  case boundaryValues, swappedPages, garbagePages
  case cutOff, cutOffAndSaid, longer, several

  /// Changes the image, which is sound and of two shards or more.
  ///
  /// - Returns: how many bytes of it are to be the file.
  public func apply(
    to image: SegmentImage, _ places: AuditReport.Places, _ random: inout some RandomNumberGenerator
  ) -> Int {
    let page = 4096
    switch self {
    case .anywhere: flip(image, image.pagesInUse, &random)
    case .header: flip(image, [0..<216, 4080..<4096], &random)
    case .shardTable: flip(image, [4096..<4096 + 128], &random)
    case .pageTable: flip(image, [places.pageTable], &random)
    case .directories: flip(image, places.directories, &random)
    case .buckets: flip(image, places.buckets, &random)
    case .slots: flip(image, places.buckets.map { $0.lowerBound + 64..<$0.lowerBound + 2752 }, &random)
    case .recordHeaders: flip(image, places.records.map { $0.lowerBound..<$0.lowerBound + 48 }, &random)
    case .records: flip(image, places.records, &random)
    case .boundaryValues: setWords(image, places, &random)
    case .swappedPages:
      let pages = image.pagesInUse
      image.copy(pages.randomElement(using: &random)!, to: pages.randomElement(using: &random)!.lowerBound)
    case .garbagePages:
      let start = image.pagesInUse.randomElement(using: &random)!.lowerBound
      let isZero = Bool.random(using: &random)
      for offset in stride(from: start, to: start + page, by: 8) {
        image.set(offset, word: isZero ? 0 : random.next())
      }
    case .cutOff: return Int.random(in: 0..<image.size, using: &random)
    case .cutOffAndSaid:
      let bytes = Int.random(in: 1..<image.size / page, using: &random) * page
      image.set(16, word: UInt64(bytes))
      if Bool.random(using: &random) { image.set(56, word: UInt64(bytes / page)) }
      return bytes
    case .longer: return image.size + Int.random(in: 1...100_000, using: &random)
    case .several:
      let simple: [Damage] = [.anywhere, .header, .shardTable, .pageTable, .buckets, .recordHeaders]
      for _ in 0..<3 { _ = simple.randomElement(using: &random)!.apply(to: image, places, &random) }
    }
    return image.size
  }

  /// Changes one to 32 bytes or bits of these places.
  private func flip(_ image: SegmentImage, _ places: [Range<Int>], _ random: inout some RandomNumberGenerator)
  {
    let wholeBytes = Bool.random(using: &random)
    for _ in 0..<(1 << Int.random(in: 0...5, using: &random)) {
      let offset = Int.random(in: places.randomElement(using: &random)!, using: &random)
      let change =
        wholeBytes ? UInt8.random(in: 1...255, using: &random) : 1 << UInt8.random(in: 0..<8, using: &random)
      image.set(offset, byte: image.byte(offset) ^ change)
    }
  }

  /// Puts numbers that are at the edge of something where numbers are.
  private func setWords(
    _ image: SegmentImage, _ places: AuditReport.Places, _ random: inout some RandomNumberGenerator
  ) {
    let size = UInt64(image.size)
    let values: [UInt64] = [
      0, 1, 15, 16, 4095, 4096, size - 4096, size - 16, size - 8, size, size + 1, size / 16, size / 16 - 1,
      size / 4096, size / 4096 - 1, 1 << 31, 1 << 32 - 1, 1 << 40 - 1, 1 << 53 - 1, 1 << 53, 1 << 63, .max,
    ]
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let value = values.randomElement(using: &random)!
      switch Int.random(in: 0..<6, using: &random) {
      case 0: image.set(8 * Int.random(in: 0..<27, using: &random), word: value)
      case 1:
        let shard = 4096 + 64 * Int.random(in: 0..<2, using: &random)
        image.set(shard, word: Bool.random(using: &random) ? value : value << 8 | image.word(shard) & 0xFF)
      case 2:
        let directory = places.directories.randomElement(using: &random)!
        image.set(
          directory.lowerBound + 4 * Int.random(in: 0..<directory.count / 4, using: &random),
          half: UInt32(truncatingIfNeeded: value))
      case 3:
        let bucket = places.buckets.randomElement(using: &random)!.lowerBound
        let slot = bucket + 64 + 8 * Int.random(in: 0..<336, using: &random)
        let offset = value & 0xFF_FFFF_FFFF
        image.set(slot, word: image.word(slot) & ~0xFF_FFFF_FFFF | offset)
      case 4:
        let cell =
          places.pageTable.lowerBound + 4 * Int.random(in: 0..<places.pageTable.count / 4, using: &random)
        image.set(
          cell, half: 1 << 31 | UInt32.random(in: 0..<128, using: &random) << 24 | UInt32(value & 0xFF_FFFF))
      default:
        let record = places.records.randomElement(using: &random)!.lowerBound
        let field = [32, 36, 40, 42, 44, 46, 50].randomElement(using: &random)!
        image.set(record + field, short: UInt16(truncatingIfNeeded: value))
      }
    }
  }
}

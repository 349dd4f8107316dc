import SegmentAudit
import SessionSegment
import Testing

/// A change that makes a sound segment an unsound one, and what an audit must call it.
struct PlantedFlaw: CustomTestStringConvertible, Sendable {
  let kind: Flaw.Kind
  let testDescription: String
  let plant: @Sendable (SegmentImage, SegmentPlaces) -> Void

  init(
    _ kind: Flaw.Kind, _ what: String, _ plant: @escaping @Sendable (SegmentImage, SegmentPlaces) -> Void
  ) {
    self.kind = kind
    testDescription = "\(kind.rawValue): \(what)"
    self.plant = plant
  }

  static let all = header + index + records + blocks

  static let header: [PlantedFlaw] = [
    .init(.magic, "the first magic") { image, _ in image.set(0, byte: 0) },
    .init(.magic, "the second magic") { image, _ in image.set(4095, byte: 0) },
    .init(.format, "another format") { image, _ in image.set(8, half: 99) },
    .init(.geometry, "another size") { image, _ in image.set(16, word: image.word(16) + 4096) },
    .init(.geometry, "three shards") { image, _ in image.set(12, half: 3) },
    .init(.geometry, "a spare outside") { image, _ in image.set(56, word: 1 << 40) },
    .init(.geometry, "a negative lifetime") { image, _ in image.set(64, word: 1 << 63) },
    .init(.superseded, "superseded") { image, _ in image.set(72, word: 1) },
    .init(.reserved, "something in the header's rest") { image, _ in image.set(144, byte: 1) },
    .init(.renaming, "a rename that is not finished") { image, _ in image.set(208, word: 4096) },
    .init(.reserved, "something in a shard's entry") { image, places in image.set(places.shard + 16, byte: 1)
    },
    .init(.version, "a last version that was passed") { image, _ in image.set(128, word: 1) },
    .init(.version, "a last version over the limit") { image, _ in image.set(128, word: 1 << 60) },
    .init(.stray, "something behind the shard table") { image, _ in image.set(4096 + 128, byte: 1) },
    .init(.stray, "something behind the page table") { image, places in
      image.set(places.pageTable + image.size / 4096 * 4 + 1, byte: 1)
    },
  ]

  static let index: [PlantedFlaw] = [
    .init(.shardEntry, "a directory too deep") { image, places in image.set(places.shard, byte: 16) },
    .init(.shardEntry, "a directory elsewhere") { image, places in
      image.set(places.shard, word: image.word(places.shard) + 1 << 8)
    },
    .init(.directory, "a page outside") { image, places in image.set(places.directory, half: .max) },
    .init(.directory, "a page that is none") { image, places in image.set(places.directory, half: 1) },
    .init(.bucketPage, "a page deeper than its directory") { image, places in
      image.set(places.page + 4, half: UInt32(places.depth + 1))
    },
    .init(.bucketSpan, "a page less deep than it is entered") { image, places in
      image.set(places.page + 4, half: image.half(places.page + 4) - 1)
    },
    .init(.entryCount, "one entry too many") { image, places in
      image.set(places.page, half: image.half(places.page) + 1)
    },
    .init(.slotOrder, "a slot emptied before another entry's") { image, places in
      // One whose next neighbour does not stand at home.
      for (entry, next) in zip(places.entries, places.entries.dropFirst()) where next.slot == entry.slot + 1 {
        let home = (Int(image.word(next.word) >> 40 & 0x1FF) * 336) >> 9
        guard home != next.slot else { continue }
        return image.set(entry.word, word: 0)
      }
    },
    .init(.tag, "another tag") { image, places in
      image.set(places.entries[0].word, word: image.word(places.entries[0].word) ^ 1 << 40)
    },
    .init(.tag, "a tag of another page") { image, places in
      image.set(places.entries[0].word, word: image.word(places.entries[0].word) ^ 1 << 63)
    },
    .init(.dueTick, "due after the record's end") { image, places in
      image.set(places.entries[0].due, half: image.half(places.entries[0].due) + 1)
    },
    .init(.dueTick, "never due") { image, places in image.set(places.entries[0].due, half: .max) },
    .init(.earliestDue, "an earliest due tick that is too late") { image, places in
      image.set(places.page + 8, half: .max)
    },
  ]

  /// Changes a record and gives it the checksum that fits.
  private static func record(
    _ kind: Flaw.Kind, _ what: String,
    of entries: KeyPath<SegmentPlaces, [SegmentPlaces.Entry]> & Sendable = \.sessions,
    _ change: @escaping @Sendable (SegmentImage, Int) -> Void
  ) -> PlantedFlaw {
    PlantedFlaw(kind, what) { image, places in
      let record = places[keyPath: entries][0].record
      change(image, record)
      let size = Int(image.half(record + 32))
      let checksum = image.withBytes(record..<record + size) {
        RecordChecksum.of($0.baseAddress!, size: size)
      }
      image.set(record + 36, half: checksum)
    }
  }

  /// Where a record's tags begin, and its fields.
  private static func tags(_ image: SegmentImage, _ record: Int) -> Int {
    record + 48 + Int(image.byte(record + 40))
  }

  private static func fields(_ image: SegmentImage, _ record: Int) -> Int {
    tags(image, record) + Int(image.short(record + 44))
  }

  static let records: [PlantedFlaw] = [
    .init(.stamp, "an entry of a free block") { image, places in
      image.set(places.sessions[0].record, word: 0)
    },
    record(.version, "a version never given") { $0.set($1, word: 1 << 52) },
    .init(.versionTwice, "a version given twice") { image, places in
      image.set(places.sessions[0].record, word: image.word(places.sessions[1].record))
    },
    .init(.checksum, "a byte of a value") { image, places in
      let place = places.sessions[0].record + Int(image.half(places.sessions[0].record + 32)) - 2
      image.set(place, byte: image.byte(place) ^ 1)
    },
    .init(.recordSize, "a size outside") { image, places in
      image.set(places.sessions[0].record + 32, half: .max)
    },
    .init(.recordSize, "no id") { image, places in image.set(places.sessions[0].record + 40, byte: 0) },
    record(.recordLayout, "another kind of field") { $0.set(fields($0, $1), byte: 1) },
    record(.recordLayout, "a field without a key") { $0.set(fields($0, $1) + 1, byte: 0) },
    record(.recordLayout, "a value too long") { $0.set(fields($0, $1) + 2, half: .max) },
    record(.recordLayout, "a value too short") {
      $0.set(fields($0, $1) + 2, half: $0.half(fields($0, $1) + 2) - 1)
    },
    record(.recordLayout, "one field too few") { $0.set($1 + 46, short: 1) },
    record(.recordLayout, "one field too many") { $0.set($1 + 46, short: 3) },
    record(.recordLayout, "a tag that is not there") { $0.set($1 + 42, short: 1) },
    record(.recordLayout, "one tag too few", of: \.tagged) { $0.set($1 + 42, short: 1) },
    record(.recordLayout, "65 tags", of: \.tagged) { $0.set($1 + 42, short: 65) },
    record(.recordLayout, "more bytes of tags than bytes", of: \.tagged) { $0.set($1 + 44, short: .max) },
    record(.recordLayout, "a tag without text", of: \.tagged) { $0.set(tags($0, $1), byte: 0) },
    record(.recordLayout, "a tag too long", of: \.tagged) { $0.set(tags($0, $1), byte: 255) },
    record(.recordLayout, "a tag twice", of: \.tagged) { image, record in
      let first = tags(image, record)
      image.copy(first..<first + 1 + Int(image.byte(first)), to: first + 1 + Int(image.byte(first)))
    },
    record(.recordLayout, "a kind that there is not") { $0.set($1 + 41, byte: 3) },
    record(.recordLayout, "a mark with fields") { $0.set($1 + 41, byte: 1) },
    record(.recordLayout, "an alias with the fields of a session") { $0.set($1 + 41, byte: 2) },
    record(.recordLayout, "an alias without a new id", of: \.marks) { $0.set($1 + 41, byte: 2) },
    record(.recordLayout, "a value in an alias", of: \.aliases) { image, record in
      image.set(record + Int(image.half(record + 32)) - 1, byte: UInt8(ascii: "L"))
    },
    record(.recordLayout, "an alias that is over before its grace", of: \.aliases) { image, record in
      image.set(record + 24, word: image.word(record + 24) * 100)
    },
    record(.recordLayout, "no time to live") { $0.set($1 + 24, word: 0) },
    record(.recordLayout, "a key twice") { image, record in
      let second = record + Int(image.half(record + 32)) - 2
      image.set(second, byte: image.byte(fields(image, record) + 6))
    },
    .init(.padding, "something behind a record") { image, places in
      let entry = places.entries.first { image.half($0.record + 32) % 16 != 0 }!
      image.set(entry.record + Int(image.half(entry.record + 32)), byte: 1)
    },
    .init(.idTwice, "the same id in two records") { image, places in
      // Of the same length, and so of the same place.
      let id = places.sessions[0].record + 40
      let length = image.byte(id)
      let other = places.sessions.dropFirst().first { image.byte($0.record + 40) == length }!
      image.copy(id + 8..<id + 8 + Int(length), to: other.record + 48)
    },
  ]

  static let blocks: [PlantedFlaw] = [
    .init(.place, "an entry that leads outside") { image, places in
      image.set(places.entries[0].word, word: image.word(places.entries[0].word) | 0xFF_FFFF_FFFF)
    },
    .init(.place, "an entry that leads into a block") { image, places in
      let (from, to) = (places.entries[0].record, places.entries[0].record + 16)
      image.copy(from..<from + Int(image.half(from + 32)), to: to)
      image.set(places.entries[0].word, word: image.word(places.entries[0].word) + 1)
    },
    .init(.usedTwice, "two entries of one record") { image, places in
      image.set(places.entries[0].word, word: image.word(places.entries[1].word))
    },
    .init(.leak, "an entry lost") { image, places in
      // One whose next neighbour is empty, so that no other is cut off by it.
      let taken = Set(places.entries.map(\.slot))
      let entry = places.entries.first { !taken.contains($0.slot + 1) }!
      image.set(entry.word, word: 0)
      image.set(places.page, half: image.half(places.page) - 1)
    },
    .init(.runEntry, "a run without pages") { image, places in image.set(places.runCell, half: 1 << 31) },
    .init(.runEntry, "a class that there is not") { image, places in
      image.set(places.runCell, half: image.half(places.runCell) & 0x80FF_FFFF | 126 << 24)
    },
    .init(.runEntry, "a run that reaches outside") { image, places in
      image.set(places.runCell, half: image.half(places.runCell) | 0xFF_FFFF)
    },
    .init(.runEntry, "a run of the tables' own pages") { image, places in
      image.set(places.pageTable, half: 1 << 31 | 1)
    },
    .init(.runOverlap, "two runs of one page") { image, places in
      image.set(places.runCell + 4, half: 1 << 31 | 1)
    },
    .init(.stray, "a run forgotten") { image, places in image.set(places.runCell, half: 0) },
    .init(.stray, "something in a page that is in no run") { image, places in
      image.set(image.size - 4096, byte: 1)
    },
  ]
}

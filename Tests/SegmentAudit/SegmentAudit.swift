/// A full audit of a segment: whether every byte of it is as the written format says, the index leads to
/// every record, and every block is either free or in exactly one place. It shares no code with the daemon
/// but the hash and the checksum.
///
/// The segment must be one that no change is under way in: what an interrupted change left is a flaw.
public struct SegmentAudit {
  let image: SegmentImage
  var report = AuditReport()
  var geometry = Geometry()
  var runs = BlockRuns(pageCount: 0)
  var versions: Set<UInt64> = []
  var ids: Set<[UInt8]> = []

  /// Where the parts of the segment lie.
  struct Geometry {
    var shards = 0
    var pageCount = 0
    var pageTable = 0
    var firstPage = 0
    var sparePage = 0
    var lifetime: Int64 = 0

    var shardBits: Int { shards.trailingZeroBitCount }
  }

  public static func of(_ image: SegmentImage) -> AuditReport {
    var audit = SegmentAudit(image: image)
    if audit.readHeader() {
      audit.readPageTable()
      for shard in 0..<audit.geometry.shards { audit.readShard(shard) }
      audit.checkBlocks()
      audit.checkPagesOutsideRuns()
    }
    return audit.report
  }

  private init(image: SegmentImage) { self.image = image }

  mutating func found(_ kind: Flaw.Kind, _ offset: Int, _ detail: String) {
    guard report.flaws.count(where: { $0.kind == kind }) < AuditReport.flawsMost else { return }
    report.flaws.append(Flaw(kind: kind, offset: offset, detail: detail))
  }

  mutating func expectZero(_ place: Range<Int>, _ kind: Flaw.Kind, _ what: String) {
    guard !place.isEmpty, !image.isZero(place) else { return }
    let first = image.withBytes(place) { bytes in bytes.firstIndex { $0 != 0 } ?? 0 }
    found(kind, place.lowerBound + first, "\(what) is not zero")
  }

  /// Whether a block that something lies in is one, of the right size, and not used for anything else.
  mutating func claim(_ offset: Int, bytes: Int, _ what: String, mayBeLarger: Bool = false) -> Bool {
    switch runs.claim(offset, bytes: bytes, mayBeLarger: mayBeLarger) {
    case .taken:
      report.usedBytes += runs.block(at: offset).count
      return true
    case .noBlock: found(.place, offset, "\(what): no block begins here")
    case .wrongSize(let size): found(.place, offset, "\(what) of \(bytes) bytes in a block of \(size)")
    case .again: found(.usedTwice, offset, "\(what) in a block that holds something else, too")
    }
    return false
  }

  // MARK: Header

  /// Whether the header can be relied on, so that the rest can be looked at.
  private mutating func readHeader() -> Bool {
    typealias Header = AuditFormat.Header
    guard image.size >= 2 * AuditFormat.pageBytes, image.size % AuditFormat.pageBytes == 0 else {
      found(.geometry, 0, "the file has \(image.size) bytes")
      return false
    }
    for place in [Header.magic, Header.secondMagic] where image.word(place) != AuditFormat.magic {
      found(.magic, place, "no magic")
    }
    guard image.half(Header.format) == AuditFormat.format else {
      found(.format, Header.format, "format \(image.half(Header.format))")
      return false
    }
    guard image.word(Header.size) == image.size else {
      found(.geometry, Header.size, "size \(image.word(Header.size)) of a file of \(image.size)")
      return false
    }
    guard readGeometry() else { return false }
    if image.word(Header.superseded) != 0 { found(.superseded, Header.superseded, "superseded") }
    report.id = [image.word(Header.id), image.word(Header.id + 8)]
    report.lastVersion = image.word(Header.lastVersion)
    if report.lastVersion >= AuditFormat.Record.versionMost {
      found(.version, Header.lastVersion, "the last version is \(report.lastVersion)")
    }
    expectZero(Header.boot + 16..<Header.lastVersion, .reserved, "reserved space of the header")
    expectZero(Header.lastEvent + 8..<Header.renaming.lowerBound, .reserved, "reserved space of the header")
    if image.word(Header.renaming.upperBound - 8) != 0 {
      found(.renaming, Header.renaming.lowerBound, "a rename that nobody has finished or taken back")
    }
    expectZero(Header.renaming.upperBound..<Header.secondMagic, .reserved, "reserved space of the header")
    return true
  }

  private mutating func readGeometry() -> Bool {
    typealias Header = AuditFormat.Header
    let page = AuditFormat.pageBytes
    geometry.shards = Int(image.half(Header.format + 4))
    geometry.pageCount = image.size / page
    guard (1...AuditFormat.shardsMost).contains(geometry.shards), geometry.shards.nonzeroBitCount == 1 else {
      found(.geometry, Header.format, "\(geometry.shards) shards")
      return false
    }
    let tablesEnd = AuditFormat.shardTable + geometry.shards * AuditFormat.shardBytes
    geometry.pageTable = (tablesEnd + page - 1) / page * page
    geometry.firstPage = (geometry.pageTable + 4 * geometry.pageCount + page - 1) / page
    geometry.sparePage = Int(clamping: image.word(Header.sparePage))
    guard geometry.firstPage <= geometry.sparePage, geometry.sparePage <= geometry.pageCount else {
      found(.geometry, Header.sparePage, "the spare begins with page \(geometry.sparePage)")
      return false
    }
    geometry.lifetime = Int64(bitPattern: image.word(Header.lifetime))
    if geometry.lifetime < 0 { found(.geometry, Header.lifetime, "lifetime \(geometry.lifetime)") }
    report.shards = geometry.shards
    report.places.pageTable = geometry.pageTable..<geometry.pageTable + 4 * geometry.pageCount
    expectZero(tablesEnd..<geometry.pageTable, .stray, "the place behind the shard table")
    let pageTableEnd = geometry.pageTable + 4 * geometry.pageCount
    expectZero(pageTableEnd..<geometry.firstPage * page, .stray, "the place behind the page table")
    return true
  }
}

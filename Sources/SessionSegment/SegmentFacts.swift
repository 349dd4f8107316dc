/// What the header of a segment's file says, checked.
public struct SegmentFacts: Sendable {
  public let geometry: SegmentGeometry
  public let id: (UInt64, UInt64)

  /// - Parameter readWord: the word at an offset of the first page.
  init?(readWord: (Int) -> UInt64, fileBytes: Int) {
    typealias Offset = SegmentHeader.Offset
    guard fileBytes >= SegmentLayout.pageBytes, readWord(Offset.magic) == SegmentLayout.magic,
      readWord(Offset.secondMagic) == SegmentLayout.magic
    else { return nil }
    let format = readWord(Offset.format)
    guard format & 0xFFFF_FFFF == UInt64(SegmentLayout.formatVersion),
      readWord(Offset.size) == UInt64(fileBytes),
      let geometry = SegmentGeometry(
        headerBytes: UInt64(fileBytes), shards: format >> 32, firstSparePage: readWord(Offset.sparePage))
    else { return nil }
    self.geometry = geometry
    id = (readWord(Offset.id), readWord(Offset.id + 8))
  }

  /// What the first page of a file says that is not mapped yet.
  public init?(firstPage: [UInt8], fileBytes: Int) {
    guard firstPage.count == SegmentLayout.pageBytes else { return nil }
    self.init(readWord: { Self.word(firstPage, $0) }, fileBytes: fileBytes)
  }

  /// How a segment of this format may be laid out whose header or size is damaged, so that what is left of it can
  /// be looked for; nil where not even that can be said.
  public static func guess(firstPage: [UInt8], fileBytes: Int) -> SegmentGeometry? {
    typealias Offset = SegmentHeader.Offset
    guard firstPage.count == SegmentLayout.pageBytes else { return nil }
    let format = word(firstPage, Offset.format)
    guard format & 0xFFFF_FFFF == UInt64(SegmentLayout.formatVersion) else { return nil }
    // The size in the header counts where the file has grown since, the file's where it was cut off.
    let said = word(firstPage, Offset.size)
    let isSaid = said <= UInt64(fileBytes) && said % UInt64(SegmentLayout.pageBytes) == 0 && said > 0
    let pages = (isSaid ? Int(said) : fileBytes) / SegmentLayout.pageBytes
    return SegmentGeometry(
      headerBytes: UInt64(pages * SegmentLayout.pageBytes), shards: format >> 32,
      firstSparePage: UInt64(pages))
  }

  /// What the first bytes of a file say.
  public enum Kind: Equatable, Sendable {
    /// A segment of this format version; 0 where that is not legible.
    case segment(format: UInt32)
    case empty
    case foreign
  }

  /// Whether a file is a segment, of whatever format version and in whatever state. One of its two magic
  /// words is enough; and so are their first bytes, where the file was cut off.
  public static func kind(of firstPage: [UInt8]) -> Kind {
    typealias Offset = SegmentHeader.Offset
    guard !firstPage.isEmpty else { return .empty }
    guard firstPage.count >= 8 else {
      let magic = (0..<8).map { UInt8(truncatingIfNeeded: SegmentLayout.magic >> UInt64(8 * $0)) }
      return magic.starts(with: firstPage) ? .segment(format: 0) : .foreign
    }
    let isSegment =
      word(firstPage, Offset.magic) == SegmentLayout.magic
      || (firstPage.count >= SegmentLayout.pageBytes
        && word(firstPage, Offset.secondMagic) == SegmentLayout.magic)
    guard isSegment else { return .foreign }
    guard firstPage.count >= 16 else { return .segment(format: 0) }
    return .segment(format: UInt32(truncatingIfNeeded: word(firstPage, Offset.format)))
  }

  /// The last version that a segment gave, as far as its first page tells; format 1 had it elsewhere.
  public static func lastVersion(in firstPage: [UInt8]) -> UInt64 {
    let offset = kind(of: firstPage) == .segment(format: 1) ? 56 : SegmentHeader.Offset.version
    guard firstPage.count >= offset + 8 else { return 0 }
    return word(firstPage, offset)
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Something in a segment that is not as the format says.
public struct Flaw: Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    // The header and what the tables say.
    case magic, format, geometry, reserved, superseded, renaming
    // The page table.
    case runEntry, runOverlap
    // The index.
    case shardEntry, directory, bucketPage, bucketSpan, entryCount, slotOrder, tag, dueTick, earliestDue
    // Records.
    case stamp, version, versionTwice, checksum, recordSize, recordLayout, padding, idTwice
    // Blocks: one that is no block, or of the wrong class; used twice; neither free nor used.
    case place, usedTwice, leak
    /// Something where nothing should be.
    case stray

    /// What damage may leave in places that mean nothing.
    public static let meaningless: Set<Kind> = [.reserved, .padding, .stray]
  }

  public let kind: Kind
  /// Where, in bytes from the beginning of the segment.
  public let offset: Int
  public let detail: String

  public var description: String { "\(kind.rawValue) at \(offset): \(detail)" }
}

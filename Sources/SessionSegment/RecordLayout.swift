/// What there is to know of a session id, one contiguous record in one block: mostly a session.
///
///     0    stamp (RecordStamp): the version and the number of moves; 0 in a free block
///     8    idle deadline, nanoseconds of CLOCK_BOOTTIME; slides in place
///     16   created, nanoseconds of CLOCK_BOOTTIME
///     24   idle time to live, nanoseconds; EXPIRE changes it in place. Of an alias: how long it is one
///     32   size of the record in bytes, 32 bits
///     36   checksum (RecordChecksum), 32 bits
///     40   length of the id, 8 bits
///     41   kind (RecordKind), 8 bits
///     42   number of tags, 16 bits
///     44   bytes of tags, 16 bits
///     46   number of fields, 16 bits
///     48   the id, then the tags, then the fields; zeros up to a multiple of eight bytes
///
/// A tag is a byte with its length, and its text. A field, without padding:
///
///     0    kind, 8 bits: 0 for JSON text, the rest reserved
///     1    length of the key, 8 bits
///     2    length of the value, 32 bits
///     6    the key, then the value
///
/// A mark and an absence have no tags and no fields; an alias has one field, whose key is the new id and whose value is `null`.
public enum RecordLayout {
  public static let stamp = 0
  public static let deadline = 8
  public static let created = 16
  public static let ttl = 24
  public static let size = 32
  public static let checksum = 36
  public static let idLength = 40
  public static let kind = 41
  public static let tagCount = 42
  public static let tagBytes = 44
  public static let fieldCount = 46
  public static let headerBytes = 48
  /// The longest time to live, ten years in nanoseconds: no deadline is farther away.
  public static let ttlMost: Int64 = 315_360_000_000_000_000
  /// The count has 16 bits.
  public static let fieldsMost = 65_535
  /// So many tags of the most bytes fit the 16 bits that say how many bytes they have.
  public static let tagsMost = 64

  public static let fieldHeaderBytes = 6
  public static let jsonKind: UInt8 = 0

  /// A record's bytes with the padding of its last word.
  @inline(__always)
  public static func wholeWords(_ bytes: Int) -> Int { (bytes + 7) & ~7 }

  /// The header of a field as the six low bytes of a word.
  @inline(__always)
  public static func fieldHeader(keyLength: Int, valueLength: Int) -> UInt64 {
    UInt64(jsonKind) | UInt64(keyLength) << 8 | UInt64(valueLength) << 16
  }

  /// What stands behind the checksum: the lengths and the counts, as one word.
  @inline(__always)
  public static func counts(
    idLength: Int, kind: RecordKind = .session, tags: Int = 0, tagBytes: Int = 0, fields: Int
  ) -> UInt64 {
    UInt64(idLength) | UInt64(kind.rawValue) << 8 | UInt64(tags) << 16 | UInt64(tagBytes) << 32
      | UInt64(fields) << 48
  }
}

/// A session, one contiguous record in one block.
///
///     0    version, 64 bits; 0 in a block that is free or not written yet
///     8    idle deadline, nanoseconds of CLOCK_BOOTTIME; the one word that changes in place
///     16   created, nanoseconds of CLOCK_BOOTTIME
///     24   idle time to live, nanoseconds
///     32   size of the record in bytes, 32 bits
///     36   number of fields, 32 bits
///     40   length of the id, 8 bits
///     41   reserved, zero, 8 bits
///     42   number of tags, 16 bits, zero in this version
///     44   bytes of tags, 32 bits, zero in this version
///     48   the id, then the tags, then the fields
///
/// and a field, without padding:
///
///     0    kind, 8 bits: 0 for JSON text, the rest reserved
///     1    length of the key, 8 bits
///     2    length of the value, 32 bits
///     6    the key, then the value
public enum RecordLayout {
  public static let version = 0
  public static let deadline = 8
  public static let created = 16
  public static let ttl = 24
  public static let size = 32
  public static let fieldCount = 36
  public static let idLength = 40
  public static let tagBytes = 44
  public static let headerBytes = 48

  public static let fieldKind = 0
  public static let fieldKeyLength = 1
  public static let fieldValueLength = 2
  public static let fieldHeaderBytes = 6
  public static let jsonKind: UInt8 = 0
}

/// What a store keeps under an id: a session, a mark (revoked, or renamed) or an alias.
///
/// Times are nanoseconds; moments count from 1970 (CLOCK_REALTIME), since a store outlives the boot.
public struct StoredRecord: Sendable, Equatable {
  public enum Kind: UInt8, Sendable {
    case session = 0
    case mark = 1
    /// Its one field has the new id for a key.
    case alias = 2
  }

  /// 1 to 255 bytes of UTF-8.
  public var id: [UInt8]
  public var kind: Kind
  /// Unique and growing; below 2^53.
  public var version: UInt64
  public var created: Int64
  /// The idle time to live; of an alias: how long it is one.
  public var ttl: Int64
  /// When it ends if nobody uses it. The absolute lifetime is not in it.
  public var deadline: Int64
  public var tagCount: UInt16
  public var tagBytes: UInt16
  public var fieldCount: UInt16
  /// The tags, each a byte with its length and its text; then the fields, as the segment holds them (RecordLayout):
  /// kind (8 bits, 0: JSON text), length of the key (8), of the value (32, little-endian), key, value.
  public var body: [UInt8]

  public init(
    id: [UInt8], kind: Kind, version: UInt64, created: Int64, ttl: Int64, deadline: Int64, tagCount: UInt16,
    tagBytes: UInt16, fieldCount: UInt16, body: [UInt8]
  ) {
    self.id = id
    self.kind = kind
    self.version = version
    self.created = created
    self.ttl = ttl
    self.deadline = deadline
    self.tagCount = tagCount
    self.tagBytes = tagBytes
    self.fieldCount = fieldCount
    self.body = body
  }

  /// The tags, in their order. Stops where the body is not what its counts say.
  public var tags: [[UInt8]] { Array(Self.tags(in: body.prefix(Int(tagBytes))).prefix(Int(tagCount))) }

  /// Tags as a body begins with them: each a byte with its length and its text. Stops where they do not add up.
  static func tags(in bytes: ArraySlice<UInt8>) -> [[UInt8]] {
    var tags: [[UInt8]] = []
    var rest = bytes
    while let length = rest.popFirst(), length <= rest.count {
      tags.append(Array(rest.prefix(Int(length))))
      rest.removeFirst(Int(length))
    }
    return tags
  }

  /// When it was used last.
  public var lastUse: Int64 { deadline &- ttl }
}

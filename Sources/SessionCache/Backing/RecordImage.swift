public import SessionSegment

/// A record outside the segment: on its way to the store, or from there.
///
/// Times are nanoseconds of CLOCK_BOOTTIME.
public struct RecordImage: Sendable, Equatable {
  public var id: [UInt8]
  public var kind: RecordKind
  public var version: UInt64
  public var created: Int64
  /// The idle time to live; of an alias: how long it is one.
  public var ttl: Int64
  public var deadline: Int64
  public var tagCount: Int
  public var tagBytes: Int
  public var fieldCount: Int
  /// The tags, then the fields, as the record has them (RecordLayout).
  public var body: [UInt8]

  public init(
    id: [UInt8], kind: RecordKind, version: UInt64, created: Int64, ttl: Int64, deadline: Int64,
    tagCount: Int = 0,
    tagBytes: Int = 0, fieldCount: Int = 0, body: [UInt8] = []
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
}

extension RecordImage {
  /// Copies a record.
  init(_ record: borrowing RecordView, withBody: Bool = true) {
    let kind = record.kind ?? .absence
    self.init(
      id: [UInt8](record.rawID), kind: kind, version: record.version, created: record.created,
      ttl: record.ttl,
      deadline: record.deadline)
    guard withBody else { return }
    let tags = record.rawTags
    let fields = record.rawFields
    tagCount = record.tagCount
    tagBytes = tags.count
    fieldCount = record.fieldCount
    body = [UInt8](unsafeUninitializedCapacity: tags.count + fields.count) { buffer, count in
      // Tags and fields stand one behind the other in a record.
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(start: tags.baseAddress, count: tags.count + fields.count))
      count = tags.count + fields.count
    }
  }

  /// The bytes of its record.
  var size: Int { RecordLayout.headerBytes + id.count + body.count }

  /// Whether the counts and lengths fit, so that it can be a record. What comes from a store may have been damaged
  /// there.
  public var isSound: Bool {
    guard (1...255).contains(id.count), version > 0, version < RecordStamp.versionsEnd, ttl > 0,
      (0...RecordLayout.tagsMost).contains(tagCount), (0...RecordLayout.fieldsMost).contains(fieldCount),
      tagBytes <= Int(UInt16.max), tagBytes <= body.count, size <= Int(UInt32.max)
    else { return false }
    switch kind {
    case .session: break
    case .mark, .absence: guard tagCount == 0, fieldCount == 0, body.isEmpty else { return false }
    case .alias: guard tagCount == 0, fieldCount == 1 else { return false }
    }
    return areTagsSound && areFieldsSound
  }

  private var areTagsSound: Bool {
    var place = 0
    for _ in 0..<tagCount {
      guard place < tagBytes, body[place] > 0 else { return false }
      place += 1 + Int(body[place])
    }
    return place == tagBytes
  }

  private var areFieldsSound: Bool {
    var place = tagBytes
    for _ in 0..<fieldCount {
      guard place + RecordLayout.fieldHeaderBytes <= body.count, body[place] == RecordLayout.jsonKind,
        body[place + 1] > 0
      else { return false }
      let valueLength = (0..<4).reduce(0) { $0 | Int(body[place + 2 + $1]) << (8 * $1) }
      place += RecordLayout.fieldHeaderBytes + Int(body[place + 1]) + valueLength
      guard place <= body.count else { return false }
    }
    return place == body.count
  }
}

public import SessionStore

extension StoredRecord {
  /// A record whose body and counts are made of tags and fields.
  public init(
    id: [UInt8], kind: Kind = .session, version: UInt64, created: Int64, ttl: Int64, deadline: Int64,
    tags: [[UInt8]] = [], fields: [(key: [UInt8], value: [UInt8])] = []
  ) {
    let tagBytes = tags.flatMap { [UInt8($0.count)] + $0 }
    var body = tagBytes
    for field in fields {
      let length = UInt32(field.value.count)
      body += [0, UInt8(field.key.count)] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
      body += field.key + field.value
    }
    self.init(
      id: id, kind: kind, version: version, created: created, ttl: ttl, deadline: deadline,
      tagCount: UInt16(tags.count), tagBytes: UInt16(tagBytes.count), fieldCount: UInt16(fields.count),
      body: body)
  }

  /// A mark, or an alias of another id.
  public static func mark(
    _ id: String, of newID: String? = nil, version: UInt64, at time: Int64, ttl: Int64
  ) -> StoredRecord {
    StoredRecord(
      id: Array(id.utf8), kind: newID == nil ? .mark : .alias, version: version, created: time, ttl: ttl,
      deadline: time + ttl, fields: newID.map { [(Array($0.utf8), Array("null".utf8))] } ?? [])
  }
}

/// A row of the table `session`, as it is read.
enum SessionRow {
  static let columns =
    "session.n, id, kind, version, created, ttl, deadline, tag_count, field_count, checksum, tags, fields"

  static func number(in row: borrowing SQLiteStatement) -> Int64 { row.integer(0) }

  static func id(in row: borrowing SQLiteStatement) -> [UInt8] { row.bytes(1) }

  /// - Returns: nil if the row is not what was written.
  static func record(in row: borrowing SQLiteStatement) -> StoredRecord? {
    guard let kind = UInt8(exactly: row.integer(2)).flatMap(StoredRecord.Kind.init(rawValue:)),
      let version = UInt64(exactly: row.integer(3)), version < 1 << 53,
      let tagCount = UInt16(exactly: row.integer(7)), let fieldCount = UInt16(exactly: row.integer(8))
    else { return nil }
    var tagBytes = 0
    let body = row.withBytes(10) { tags in
      tagBytes = tags.count
      return row.withBytes(11) { fields in
        [UInt8](unsafeUninitializedCapacity: tags.count + fields.count) { body, count in
          // Both fit: the room is what they have together.
          if !tags.isEmpty { UnsafeMutableRawBufferPointer(body).copyMemory(from: tags) }
          if !fields.isEmpty {
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(body)[tags.count...])
              .copyMemory(from: fields)
          }
          count = tags.count + fields.count
        }
      }
    }
    guard let tagBytes = UInt16(exactly: tagBytes) else { return nil }
    let record = StoredRecord(
      id: id(in: row), kind: kind, version: version, created: row.integer(4), ttl: row.integer(5),
      deadline: row.integer(6), tagCount: tagCount, tagBytes: tagBytes, fieldCount: fieldCount, body: body)
    return RowChecksum.of(record) == row.integer(9) ? record : nil
  }
}

import SessionSegment

/// Lays a new record out: an existing one's fields as changed by some edits. First `measure`, then get a
/// block, then write.
struct RecordWriter {
  let kind: RecordKind
  /// The tags as they are to stand in the record.
  let tags: RecordTags
  private(set) var size: Int
  private(set) var fieldCount = 0
  /// How many of the existing fields the edits take out.
  private(set) var removed = 0

  init(idLength: Int, tags: RecordTags) {
    kind = .session
    self.tags = tags
    size = RecordLayout.headerBytes + idLength + tags.bytes.count
  }

  /// Of a mark, or of an alias for the session with another id.
  init(idLength: Int, aliasFor newID: UnsafeRawBufferPointer?) {
    tags = .none
    kind = newID == nil ? .mark : .alias
    size = RecordLayout.headerBytes + idLength
    guard let newID else { return }
    size += RecordLayout.fieldHeaderBytes + newID.count + Self.aliasValue.utf8CodeUnitCount
    fieldCount = 1
  }

  /// Of a record that was outside the segment.
  init(_ image: RecordImage, tags: RecordTags) {
    self.tags = tags
    kind = image.kind
    size = image.size
    fieldCount = image.fieldCount
  }

  /// Of an absence.
  init(absenceOf idLength: Int) {
    tags = .none
    kind = .absence
    size = RecordLayout.headerBytes + idLength
  }

  private static let aliasValue: StaticString = "null"

  /// Of a record with the tags and fields of another one, under another id.
  init(idLength: Int, copying record: borrowing RecordView) {
    self.init(idLength: idLength, tags: RecordTags(record))
    size += record.rawFields.count
    fieldCount = record.fieldCount
  }

  /// Counts what the record will hold of an existing one. Marks the edits that meet a field of it.
  mutating func measure(
    existing: borrowing RecordView, edits: inout FieldEdits, bytes: UnsafeRawBufferPointer
  ) {
    var sum = size
    var count = 0
    var gone = 0
    var walk = existing.rawFieldWalk
    while let (key, _, field) = walk.next() {
      guard let index = edits.index(of: key, in: bytes) else {
        sum += field.count
        count += 1
        continue
      }
      edits.markFound(index)
      guard let value = edits.edits[index].value else {
        gone += 1
        continue
      }
      sum += RecordLayout.fieldHeaderBytes + key.count + value.count
      count += 1
    }
    size = sum
    fieldCount = count
    removed = gone
  }

  /// Counts the edits that bring new fields.
  mutating func measureNew(_ edits: FieldEdits) {
    for edit in edits.edits where !edit.isFound {
      guard let value = edit.value else { continue }
      size += RecordLayout.fieldHeaderBytes + edit.key.count + value.count
      fieldCount += 1
    }
  }

  /// What every record begins with, but for its size, its checksum and its stamp, which `finish` writes.
  func begin(
    at base: UnsafeMutableRawPointer, id: UnsafeRawBufferPointer, version: UInt64, created: Int64, ttl: Int64,
    deadline: Int64
  ) -> WordWriter {
    SharedWords.store(UInt64(bitPattern: deadline), at: base + RecordLayout.deadline)
    SharedWords.store(UInt64(bitPattern: created), at: base + RecordLayout.created)
    SharedWords.store(UInt64(bitPattern: ttl), at: base + RecordLayout.ttl)
    var checksum = RecordChecksum(version: version)
    checksum.add(UInt64(bitPattern: created))
    checksum.add(UInt64(size))
    var words = WordWriter(at: base + RecordLayout.idLength, checksum: checksum)
    words.append(
      RecordLayout.counts(
        idLength: id.count, kind: kind, tags: tags.count, tagBytes: tags.bytes.count, fields: fieldCount),
      bytes: 8)
    words.append(id)
    if tags.count > 0 { words.append(tags.bytes) }
    return words
  }

  /// A whole record without tags and fields.
  func writeBare(
    at base: UnsafeMutableRawPointer, id: UnsafeRawBufferPointer, version: UInt64, created: Int64, ttl: Int64,
    deadline: Int64
  ) {
    var words = begin(at: base, id: id, version: version, created: created, ttl: ttl, deadline: deadline)
    finish(&words, at: base, RecordStamp(version: version))
  }

  /// What an alias has for a field.
  func writeAlias(for newID: UnsafeRawBufferPointer, to words: inout WordWriter) {
    Self.aliasValue.withUTF8Buffer { Self.writeField(newID, UnsafeRawBufferPointer($0), to: &words) }
  }

  /// All fields of a record, as they are.
  func writeFields(of record: borrowing RecordView, to words: inout WordWriter) {
    words.append(record.rawFields)
  }

  /// Existing fields keep their order, replaced ones their place.
  func writeExisting(
    _ existing: borrowing RecordView, edits: FieldEdits, bytes: UnsafeRawBufferPointer,
    to words: inout WordWriter
  ) {
    let fields = existing.rawFields
    var walk = existing.rawFieldWalk
    // From here on fields were kept, and are not written yet: as one, since they lie one behind the other.
    var kept = 0
    var end = 0
    while let (key, _, field) = walk.next() {
      let start = end
      end += field.count
      guard let index = edits.index(of: key, in: bytes) else { continue }
      words.append(UnsafeRawBufferPointer(rebasing: fields[kept..<start]))
      kept = end
      guard let value = edits.edits[index].value else { continue }
      Self.writeField(key, UnsafeRawBufferPointer(rebasing: bytes[value]), to: &words)
    }
    words.append(UnsafeRawBufferPointer(rebasing: fields[kept..<end]))
  }

  func writeNew(_ edits: FieldEdits, bytes: UnsafeRawBufferPointer, to words: inout WordWriter) {
    for edit in edits.edits where !edit.isFound {
      guard let value = edit.value else { continue }
      Self.writeField(
        UnsafeRawBufferPointer(rebasing: bytes[edit.key]), UnsafeRawBufferPointer(rebasing: bytes[value]),
        to: &words)
    }
  }

  private static func writeField(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to words: inout WordWriter
  ) {
    words.append(
      RecordLayout.fieldHeader(keyLength: key.count, valueLength: value.count),
      bytes: RecordLayout.fieldHeaderBytes)
    words.append(key)
    words.append(value)
  }

  /// Makes the record whole: it can be published from then on.
  func finish(_ words: inout WordWriter, at base: UnsafeMutableRawPointer, _ stamp: RecordStamp) {
    words.finish()
    SharedWords.store(UInt64(size) | UInt64(words.checksum.value) << 32, at: base + RecordLayout.size)
    stamp.publish(at: base)
  }
}

import SessionSegment

/// Lays a new record out: an existing one's fields as changed by some edits. First `measure`, then get a
/// block, then write.
struct RecordWriter {
  private(set) var size: Int
  private(set) var fieldCount = 0
  /// How many of the existing fields the edits take out.
  private(set) var removed = 0

  init(idLength: Int) {
    size = RecordLayout.headerBytes + idLength
  }

  /// Counts what the record will hold of an existing one. Marks the edits that meet a field of it.
  mutating func measure(
    existing: borrowing RecordView, edits: inout FieldEdits, bytes: UnsafeRawBufferPointer
  ) {
    var sum = size
    var count = 0
    var gone = 0
    existing.forEachRawField { key, _, field in
      guard let index = edits.index(of: key, in: bytes) else {
        sum += field.count
        count += 1
        return
      }
      edits.markFound(index)
      guard let value = edits.edits[index].value else {
        gone += 1
        return
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
    words.append(RecordLayout.counts(idLength: id.count, fields: fieldCount), bytes: 8)
    words.append(id)
    return words
  }

  /// Existing fields keep their order, replaced ones their place.
  func writeExisting(
    _ existing: borrowing RecordView, edits: FieldEdits, bytes: UnsafeRawBufferPointer,
    to words: inout WordWriter
  ) {
    existing.forEachRawField { key, _, field in
      guard let index = edits.index(of: key, in: bytes) else { return words.append(field) }
      guard let value = edits.edits[index].value else { return }
      Self.writeField(key, UnsafeRawBufferPointer(rebasing: bytes[value]), to: &words)
    }
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
  func finish(_ words: inout WordWriter, at base: UnsafeMutableRawPointer, version: UInt64) {
    words.finish()
    SharedWords.store(UInt64(size) | UInt64(words.checksum.value) << 32, at: base + RecordLayout.size)
    RecordStamp(version: version).publish(at: base)
  }
}

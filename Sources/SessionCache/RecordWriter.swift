import Glibc
import SessionSegment
import Synchronization

/// Lays a new record out: an existing one's fields as changed by some edits. First `measure`, then
/// get a block, then `write`.
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

  /// What every record begins with. The version is stored last.
  func writeHeader(
    at base: UnsafeMutableRawPointer, id: UnsafeRawBufferPointer, created: Int64, ttl: Int64, deadline: Int64
  ) {
    base.storeBytes(of: created, toByteOffset: RecordLayout.created, as: Int64.self)
    base.storeBytes(of: ttl, toByteOffset: RecordLayout.ttl, as: Int64.self)
    base.storeBytes(of: UInt32(size), toByteOffset: RecordLayout.size, as: UInt32.self)
    base.storeBytes(of: UInt32(fieldCount), toByteOffset: RecordLayout.fieldCount, as: UInt32.self)
    base.storeBytes(of: UInt32(id.count), toByteOffset: RecordLayout.idLength, as: UInt32.self)
    base.storeBytes(of: 0, toByteOffset: RecordLayout.tagBytes, as: UInt32.self)
    memcpy(base + RecordLayout.headerBytes, id.baseAddress!, id.count)
    RecordView(at: base).deadline = deadline
  }

  /// Existing fields keep their order, replaced ones their place; `place` is where the next one goes.
  func writeExisting(
    _ existing: borrowing RecordView, edits: FieldEdits, bytes: UnsafeRawBufferPointer,
    at place: inout UnsafeMutableRawPointer
  ) {
    var next = place
    existing.forEachRawField { key, _, field in
      guard let index = edits.index(of: key, in: bytes) else {
        memcpy(next, field.baseAddress!, field.count)
        next += field.count
        return
      }
      guard let value = edits.edits[index].value else { return }
      Self.writeField(key, UnsafeRawBufferPointer(rebasing: bytes[value]), at: &next)
    }
    place = next
  }

  func writeNew(
    _ edits: FieldEdits, bytes: UnsafeRawBufferPointer, at place: inout UnsafeMutableRawPointer
  ) {
    for edit in edits.edits where !edit.isFound {
      guard let value = edit.value else { continue }
      Self.writeField(
        UnsafeRawBufferPointer(rebasing: bytes[edit.key]), UnsafeRawBufferPointer(rebasing: bytes[value]),
        at: &place)
    }
  }

  private static func writeField(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, at place: inout UnsafeMutableRawPointer
  ) {
    place.storeBytes(of: RecordLayout.jsonKind, toByteOffset: RecordLayout.fieldKind, as: UInt8.self)
    place.storeBytes(of: UInt8(key.count), toByteOffset: RecordLayout.fieldKeyLength, as: UInt8.self)
    place.storeBytes(of: UInt32(value.count), toByteOffset: RecordLayout.fieldValueLength, as: UInt32.self)
    memcpy(place + RecordLayout.fieldHeaderBytes, key.baseAddress!, key.count)
    memcpy(place + RecordLayout.fieldHeaderBytes + key.count, value.baseAddress!, value.count)
    place += RecordLayout.fieldHeaderBytes + key.count + value.count
  }

  /// Gives a block its version. Releasing: who reads the version sees the record that it belongs to.
  /// 0 takes the record away before its block is used for anything else.
  static func setVersion(_ version: UInt64, at base: UnsafeMutableRawPointer) {
    (base + RecordLayout.version).assumingMemoryBound(to: Atomic<UInt64>.self).pointee
      .store(version, ordering: .releasing)
  }
}

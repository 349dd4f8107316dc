import Glibc

/// One key and its value, where they lie in a record.
struct RawField {
  let start: UnsafeRawPointer
  let kind: UInt8
  let keyLength: Int
  let valueLength: Int

  @inline(__always)
  init(at start: UnsafeRawPointer) {
    self.start = start
    kind = start.load(as: UInt8.self)
    keyLength = Int(start.load(fromByteOffset: 1, as: UInt8.self))
    valueLength = Int(start.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
  }

  @inline(__always)
  var key: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + RecordLayout.fieldHeaderBytes, count: keyLength)
  }

  @inline(__always)
  var value: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + RecordLayout.fieldHeaderBytes + keyLength, count: valueLength)
  }

  /// The whole field with its header.
  @inline(__always)
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: RecordLayout.fieldHeaderBytes + keyLength + valueLength)
  }
}

extension RecordView {
  /// Calls `body` with each key and its JSON text, in the order in which the keys were added.
  public func forEachField<E: Error>(
    _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(E) -> Void
  ) throws(E) {
    var place = fieldsStart
    for _ in 0..<fieldCount {
      let field = RawField(at: place)
      try body(
        field.key.assumingMemoryBound(to: UInt8.self).span,
        field.value.assumingMemoryBound(to: UInt8.self).span)
      place += field.bytes.count
    }
  }

  /// Calls `body` with the JSON text under a key; nil where there is none.
  public func withValue<R>(of key: Span<UInt8>, _ body: (_ value: Span<UInt8>) -> R) -> R? {
    key.withUnsafeBytes { key -> R? in
      var place = fieldsStart
      for _ in 0..<fieldCount {
        let field = RawField(at: place)
        if field.keyLength == key.count, memcmp(field.key.baseAddress!, key.baseAddress!, key.count) == 0 {
          return body(field.value.assumingMemoryBound(to: UInt8.self).span)
        }
        place += field.bytes.count
      }
      return nil
    }
  }

  /// Calls `body` with each field's key and the field's bytes as they stand in the record, header
  /// and all, so that an unchanged field is copied without being taken apart.
  public func forEachRawField(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer)
      -> Void
  ) {
    var place = fieldsStart
    for _ in 0..<fieldCount {
      let field = RawField(at: place)
      body(field.key, field.value, field.bytes)
      place += field.bytes.count
    }
  }
}

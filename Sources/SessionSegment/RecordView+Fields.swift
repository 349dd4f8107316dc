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
  @inlinable
  public func forEachField<E: Error>(
    _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(E) -> Void
  ) throws(E) {
    var walk = rawFieldWalk
    while let (key, value, _) = walk.next() {
      // Unsafe: the bytes are the record's, which stays for the view's life.
      try body(
        key.assumingMemoryBound(to: UInt8.self).span, value.assumingMemoryBound(to: UInt8.self).span)
    }
  }

  /// Calls `body` with the JSON text under a key; nil where there is none.
  @inlinable
  public func withValue<R>(of key: Span<UInt8>, _ body: (_ value: Span<UInt8>) -> R) -> R? {
    guard let value = key.withUnsafeBytes({ key in rawValue(of: key) }) else { return nil }
    // Unsafe: the bytes are the record's, which stays for the view's life.
    return body(value.assumingMemoryBound(to: UInt8.self).span)
  }

  /// The JSON text under a key, where it lies. Not generic, so that other modules need no copy of it to be
  /// quick.
  @usableFromInline
  func rawValue(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var place = fieldsStart
    for _ in 0..<fieldCount {
      let field = RawField(at: place)
      if field.keyLength == key.count, memcmp(field.key.baseAddress!, key.baseAddress!, key.count) == 0 {
        return field.value
      }
      place += field.bytes.count
    }
    return nil
  }

  /// A walk over the fields as they stand in the record, in the order in which the keys were added.
  public var rawFieldWalk: RawFieldWalk { RawFieldWalk(place: fieldsStart, left: fieldCount) }
}

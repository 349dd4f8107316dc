import SessionSegment

/// The checksum that a record carries: the daemon's own function, the one thing besides the hash that the
/// audit takes from it.
enum AuditChecksum {
  /// - Parameter record: begins at a multiple of eight, in an image, so that its last word is there.
  static func of(_ record: UnsafeRawBufferPointer) -> UInt32 {
    record.baseAddress.map { RecordChecksum.of($0, size: record.count) } ?? 0
  }
}

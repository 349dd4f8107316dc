import SessionSegment

/// The tags of a record that is to be written: where their bytes lie, each tag a byte with its length and its
/// text. Good for as long as those bytes stay.
struct RecordTags {
  static var none: RecordTags { RecordTags(count: 0, bytes: UnsafeRawBufferPointer(start: nil, count: 0)) }

  let count: Int
  let bytes: UnsafeRawBufferPointer

  init(count: Int, bytes: UnsafeRawBufferPointer) {
    self.count = count
    self.bytes = bytes
  }

  init(_ record: borrowing RecordView) {
    self.init(count: record.tagCount, bytes: record.rawTags)
  }
}

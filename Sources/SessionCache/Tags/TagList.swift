import Glibc
import SessionSegment

/// A session's tags while they are changed.
struct TagList {
  private(set) var bytes: [UInt8]
  private(set) var count: Int
  /// How many were added or removed.
  private(set) var changes = 0

  init() {
    bytes = []
    count = 0
  }

  init(_ record: borrowing RecordView) {
    bytes = [UInt8](record.rawTags)
    count = record.tagCount
  }

  /// Adds a tag of 1 to 255 bytes at the end, unless it is there; but no more than one too many.
  mutating func add(_ tag: UnsafeRawBufferPointer) {
    guard count <= RecordLayout.tagsMost, place(of: tag) == nil else { return }
    bytes.append(UInt8(tag.count))
    bytes.append(contentsOf: tag)
    count += 1
    changes += 1
  }

  mutating func remove(_ tag: UnsafeRawBufferPointer) {
    guard let place = place(of: tag) else { return }
    bytes.removeSubrange(place)
    count -= 1
    changes += 1
  }

  private func place(of tag: UnsafeRawBufferPointer) -> Range<Int>? {
    var start = 0
    while start < bytes.count {
      let end = start + 1 + Int(bytes[start])
      let isEqual = bytes.withUnsafeBytes { bytes in
        end - start - 1 == tag.count
          && memcmp(bytes.baseAddress! + start + 1, tag.baseAddress!, tag.count) == 0
      }
      if isEqual { return start..<end }
      start = end
    }
    return nil
  }
}

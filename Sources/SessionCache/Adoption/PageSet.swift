import SessionSegment

/// The pages of a segment that are known to have memory, so that nothing else of it is touched: to touch a
/// page without memory takes some, and kills where the file system has none.
struct PageSet {
  private var bits: [UInt64]
  private let pageCount: Int

  init(pageCount: Int) {
    self.pageCount = pageCount
    bits = [UInt64](repeating: 0, count: (pageCount + 63) / 64)
  }

  mutating func insert(_ pages: Range<Int>) {
    for page in pages { bits[page / 64] |= 1 << UInt64(page % 64) }
  }

  /// Whether all bytes of a part of the segment lie in these pages.
  @inline(__always)
  func contains(offset: Int, bytes: Int) -> Bool {
    guard offset >= 0, bytes > 0, bytes <= pageCount * SegmentLayout.pageBytes - offset else { return false }
    for page in offset / SegmentLayout.pageBytes...(offset + bytes - 1) / SegmentLayout.pageBytes {
      guard bits[page / 64] & 1 << UInt64(page % 64) != 0 else { return false }
    }
    return true
  }
}

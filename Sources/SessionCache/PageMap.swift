import SessionSegment

/// Which pages of the segment are handed out: one bit a page, the lowest free pages first, so that
/// the used part of the file stays together. Not thread-safe; the allocator's lock guards it.
struct PageMap {
  private var used: [UInt64]
  /// No page below this one is free.
  private var lowestFree: Int
  let pageCount: Int
  private(set) var freeCount: Int

  /// All pages from `first` on are free, those below it are not the allocator's.
  init(pageCount: Int, first: Int) {
    self.pageCount = pageCount
    used = [UInt64](repeating: 0, count: (pageCount + 63) / 64)
    lowestFree = first
    freeCount = pageCount - first
    for page in 0..<first { set(page) }
    for page in pageCount..<used.count * 64 { set(page) }
  }

  /// Takes `count` pages in a row; the first one's number, or nil if there are none such.
  mutating func take(_ count: Int) -> Int? {
    guard count <= freeCount else { return nil }
    var start = nextFree(from: lowestFree)
    lowestFree = start
    while start + count <= pageCount {
      let end = nextUsed(from: start, before: start + count)
      if end == start + count {
        for page in start..<end { set(page) }
        freeCount -= count
        if start == lowestFree { lowestFree = end }
        return start
      }
      start = nextFree(from: end)
    }
    return nil
  }

  mutating func give(_ pages: Range<Int>) {
    for page in pages {
      precondition(used[page / 64] & 1 << UInt64(page % 64) != 0, "page \(page) is given back twice")
      used[page / 64] &= ~(1 << UInt64(page % 64))
    }
    freeCount += pages.count
    lowestFree = min(lowestFree, pages.lowerBound)
  }

  private mutating func set(_ page: Int) {
    used[page / 64] |= 1 << UInt64(page % 64)
  }

  private func nextFree(from page: Int) -> Int {
    var index = page
    while index < pageCount {
      let rest = ~used[index / 64] >> UInt64(index % 64)
      if rest != 0 { return index + rest.trailingZeroBitCount }
      index = (index / 64 + 1) * 64
    }
    return pageCount
  }

  private func nextUsed(from page: Int, before end: Int) -> Int {
    var index = page
    while index < end {
      let rest = used[index / 64] >> UInt64(index % 64)
      if rest != 0 { return min(end, index + rest.trailingZeroBitCount) }
      index = (index / 64 + 1) * 64
    }
    return end
  }
}

import SessionSegment

/// Which pages of the segment are handed out, and which have memory behind them: bits, the lowest free pages
/// first, so that the used part of the file stays together. Not thread-safe; the allocator's lock guards it.
///
/// A page that comes back keeps its memory at first, as a *loose* page. It is given to the system only when
/// it has been loose for a while (`ageLoose`, `takeAged`): a reader that was interrupted may be about to
/// look at it, and to look at a page without memory takes memory, which may not be there.
struct PageMap {
  private var used: [UInt64]
  private var resident: [UInt64]
  /// Pages that were loose when `ageLoose` was called last, and are since.
  private var aged: [UInt64]
  /// No page below this one is free.
  private var lowestFree: Int
  let pageCount: Int
  private(set) var freeCount: Int
  private(set) var residentCount = 0
  /// Pages that are free and have memory.
  private(set) var looseCount = 0

  /// All pages from `first` on are free and without memory, those below it are not the allocator's.
  init(pageCount: Int, first: Int) {
    self.pageCount = pageCount
    used = [UInt64](repeating: 0, count: (pageCount + 63) / 64)
    resident = used
    aged = used
    lowestFree = first
    freeCount = pageCount - first
    for page in 0..<first { Self.set(&used, page) }
    for page in pageCount..<used.count * 64 { Self.set(&used, page) }
  }

  // MARK: Taking

  /// Takes `count` pages in a row; the first one's number, or nil if there are none such. They may or may not
  /// have memory.
  mutating func take(_ count: Int) -> Int? {
    guard count <= freeCount else { return nil }
    var start = nextFree(from: lowestFree)
    lowestFree = start
    while start + count <= pageCount {
      let end = nextUsed(from: start, before: start + count)
      if end == start + count {
        take(start..<end)
        if start == lowestFree { lowestFree = end }
        return start
      }
      start = nextFree(from: end)
    }
    return nil
  }

  /// Takes `count` loose pages in a row, which need no memory from the system.
  mutating func takeLoose(_ count: Int) -> Int? {
    guard count <= looseCount else { return nil }
    var start = lowestFree
    while let found = nextLoose(in: resident, from: start) {
      let end = endOfLoose(in: resident, from: found, before: found + count)
      if end == found + count {
        take(found..<end)
        return found
      }
      start = end
    }
    return nil
  }

  /// Takes these pages, if all of them are free.
  mutating func take(exactly pages: Range<Int>) -> Bool {
    guard pages.upperBound <= pageCount,
      nextUsed(from: pages.lowerBound, before: pages.upperBound) == pages.upperBound
    else { return false }
    take(pages)
    return true
  }

  func isFree(_ page: Int) -> Bool { !Self.has(used, page) }

  /// Takes these pages, which are free.
  mutating func takeFree(_ pages: Range<Int>) { take(pages) }

  private mutating func take(_ pages: Range<Int>) {
    for page in pages {
      Self.set(&used, page)
      if Self.has(resident, page) { looseCount -= 1 }
      Self.clear(&aged, page)
    }
    freeCount -= pages.count
  }

  /// Pages that were taken have memory from now on.
  mutating func becomeResident(_ pages: Range<Int>) {
    for page in pages where !Self.has(resident, page) {
      Self.set(&resident, page)
      residentCount += 1
    }
  }

  // MARK: Giving

  /// Pages come back; those with memory are loose.
  mutating func give(_ pages: Range<Int>) {
    for page in pages {
      precondition(Self.has(used, page), "page \(page) is given back twice")
      Self.clear(&used, page)
      if Self.has(resident, page) { looseCount += 1 }
    }
    freeCount += pages.count
    lowestFree = min(lowestFree, pages.lowerBound)
  }

  /// Pages come back whose memory the system has.
  mutating func giveReleased(_ pages: Range<Int>) {
    for page in pages {
      Self.clear(&resident, page)
      residentCount -= 1
    }
    give(pages)
  }

  /// From now on the loose pages count as aged.
  mutating func ageLoose() {
    guard looseCount > 0 else { return }
    for index in aged.indices { aged[index] = resident[index] & ~used[index] }
  }

  /// Takes some aged pages in a row, `most` at most, whose memory is to go back to the system.
  mutating func takeAged(most: Int) -> Range<Int>? {
    guard looseCount > 0, let start = nextLoose(in: aged, from: lowestFree) else { return nil }
    let pages = start..<endOfLoose(in: aged, from: start, before: min(start + most, pageCount))
    take(pages)
    return pages
  }

  // MARK: Bits

  private static func has(_ bits: [UInt64], _ page: Int) -> Bool {
    bits[page / 64] & 1 << UInt64(page % 64) != 0
  }
  private static func set(_ bits: inout [UInt64], _ page: Int) { bits[page / 64] |= 1 << UInt64(page % 64) }
  private static func clear(_ bits: inout [UInt64], _ page: Int) {
    bits[page / 64] &= ~(1 << UInt64(page % 64))
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

  /// The first free page from `page` on that is in `bits`, too.
  private func nextLoose(in bits: [UInt64], from page: Int) -> Int? {
    var index = page
    while index < pageCount {
      let rest = (bits[index / 64] & ~used[index / 64]) >> UInt64(index % 64)
      if rest != 0 { return index + rest.trailingZeroBitCount }
      index = (index / 64 + 1) * 64
    }
    return nil
  }

  /// The end of the free pages in `bits` that begin at `page`.
  private func endOfLoose(in bits: [UInt64], from page: Int, before end: Int) -> Int {
    var index = page
    while index < min(end, pageCount) {
      let rest = ~(bits[index / 64] & ~used[index / 64]) >> UInt64(index % 64)
      if rest != 0 { return min(end, pageCount, index + rest.trailingZeroBitCount) }
      index = (index / 64 + 1) * 64
    }
    return min(end, pageCount)
  }
}

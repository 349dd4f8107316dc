/// How a segment is laid out: fixed for its life.
public struct SegmentGeometry: Sendable, Equatable {
  /// A multiple of the page size.
  public let bytes: Int
  /// A power of two, 1 to 1024.
  public let shards: Int
  /// The pages from here on are the spare, for changes that make nothing larger.
  public let firstSparePage: Int

  public var pageCount: Int { bytes / SegmentLayout.pageBytes }
  public var firstPage: Int { SegmentLayout.firstPage(shards: shards, pageCount: pageCount) }
  public var pages: Range<Int> { firstPage..<pageCount }
  /// What lies in front of the pages: header, shard table, page table.
  public var tableBytes: Int { firstPage * SegmentLayout.pageBytes }
  public var spareBytes: Int { bytes - firstSparePage * SegmentLayout.pageBytes }

  /// The geometry for a segment of so many bytes, rounded down to pages; nil if it has no room for the tables
  /// of an empty index and a little data: a page and a directory for each shard, twice, and 256 KiB.
  ///
  /// - Parameter sessionBytesMost: the spare has room for a session of this size, if that is no more than an
  ///   eighth of all pages.
  public init?(bytes: Int, shards: Int, sessionBytesMost: Int) {
    let page = SegmentLayout.pageBytes
    guard shards > 0, shards & (shards - 1) == 0, shards <= SegmentLayout.shardsMost,
      bytes <= SegmentLayout.segmentBytesMost
    else { return nil }
    let pageCount = max(0, bytes) / page
    let firstPage = SegmentLayout.firstPage(shards: shards, pageCount: pageCount)
    guard pageCount * page >= (firstPage + shards * 4) * page + 256 * 1024 else { return nil }
    self.bytes = pageCount * page
    self.shards = shards
    firstSparePage = pageCount - min(sessionBytesMost / page + 2, (pageCount - firstPage) / 8)
  }

  /// What a header says, if it can be.
  init?(headerBytes bytes: UInt64, shards: UInt64, firstSparePage: UInt64) {
    let page = SegmentLayout.pageBytes
    guard bytes <= UInt64(SegmentLayout.segmentBytesMost), bytes % UInt64(page) == 0,
      shards > 0, shards & (shards - 1) == 0, shards <= UInt64(SegmentLayout.shardsMost)
    else { return nil }
    self.bytes = Int(bytes)
    self.shards = Int(shards)
    let pageCount = Int(bytes) / page
    let firstPage = SegmentLayout.firstPage(shards: Int(shards), pageCount: pageCount)
    guard firstPage < pageCount, firstSparePage > UInt64(firstPage), firstSparePage <= UInt64(pageCount)
    else {
      return nil
    }
    self.firstSparePage = Int(firstSparePage)
  }
}

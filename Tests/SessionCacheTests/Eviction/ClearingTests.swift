import SessionSegment
import Testing

@testable import SessionCache

@Suite("Clearing pages")
struct ClearingTests {
  private static let page = SegmentLayout.pageBytes

  /// A value with which a session takes so many pages.
  private func value(_ pages: Int) -> [(String, String)] {
    [("k", "\"\(String(repeating: "v", count: pages * Self.page - 200))\"")]
  }

  /// Takes pages of the spare, as what was moved through it before would have left it.
  private func take(_ pages: Int, of spare: BlockAllocator) throws -> Int {
    if let offset = spare.allocate(pages * Self.page) { return offset }
    #expect(spare.refill(.init(bytes: pages * Self.page, isMove: true)))
    return try #require(spare.allocate(pages * Self.page))
  }

  @Test("brings back what it moved into the spare, also from a block with pages over near the segment's end")
  func slide() throws {
    let cache = try CacheUnderTest(size: 6 << 20, shards: 1, evictsWhenFull: true)
    let (common, spare) = (cache.cache.allocator.common, cache.cache.allocator.spare)
    let pages = spare.freePageCount
    let first = try take(50, of: spare)
    let second = try take(pages - 50 - 107, of: spare)
    spare.free(first)

    try cache.set("before", value(30))
    try cache.set("larger", value(112))
    _ = try cache.remove("larger")
    // Not much smaller, so it gets the same block.
    try cache.set("moved", value(100))
    try cache.set("after", value(100))
    for number in 0..<5 { try cache.set("behind\(number)", value(200)) }
    _ = try cache.remove("before")
    _ = try cache.remove("after")
    let used = common.memory.used
    // Nowhere are so many in a row, but for where the session lies among them. A search looks at some.
    let wanted = BlockAllocator.Demand(bytes: 120 * Self.page, isMove: true)
    #expect((0..<common.searchesOfAll).contains { _ in cache.cache.clearPages(for: wanted) })

    #expect(common.memory.used <= used)
    #expect(spare.usedBlocks.map(\.offset) == [second])
    #expect(cache.get("moved", "k")?.utf8.count == 100 * Self.page - 198)
  }
}

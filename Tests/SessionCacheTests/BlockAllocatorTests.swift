import SessionSegment
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import SessionCache

@Suite struct BlockAllocatorTests {
  /// Pages that are refused on demand, and a count of what was given back.
  final class FickleSource: PageSource {
    let refusals = Atomic<Int>(0)
    let refuses = Atomic<Bool>(false)
    let released = Atomic<Int>(0)

    func commit(offset: Int, length: Int) throws(SystemCallError) {
      guard refuses.load(ordering: .relaxed) else { return }
      refusals.wrappingAdd(1, ordering: .relaxed)
      throw SystemCallError("fallocate", 28)
    }

    func release(offset: Int, length: Int) throws(SystemCallError) {
      released.wrappingAdd(length, ordering: .relaxed)
    }
  }

  /// Pages of an anonymous segment, but for the first ones.
  private func allocator(pages: Int, source: any PageSource) throws -> BlockAllocator {
    let segment = try SegmentFile.anonymous(size: pages * SegmentLayout.pageBytes, pages: source)
    let first = SegmentLayout.firstPage(shards: 1, pageCount: pages)
    return BlockAllocator(
      pages: first..<pages, table: PageTable(segment.mapping, shards: 1), source: source)
  }

  @Test("pages that could not be cleared are given back without the large blocks that stay among them")
  func givesUpClearing() throws {
    let allocator = try allocator(pages: 64, source: FickleSource())
    let page = SegmentLayout.pageBytes
    let bytes = 10 * page
    var blocks: [Int] = []
    for _ in 0..<2 {
      #expect(allocator.refill(.init(bytes: bytes)))
      blocks.append(try #require(allocator.allocate(bytes)))
    }
    // Free pages lie on both sides of the other one.
    allocator.free(blocks.removeFirst())
    let before = allocator.freePageCount
    var cleared = try #require(allocator.beginClearing(for: .init(bytes: 45 * page), refuge: 20))
    let large = allocator.largeBlocks(in: cleared)
    try #require(!large.isEmpty)
    allocator.leaveLarge(at: large[0], in: &cleared)
    allocator.giveUpClearing(cleared)
    #expect(allocator.freePageCount == before)
    while allocator.refill(.init(bytes: bytes)) {
      let offset = try #require(allocator.allocate(bytes))
      for other in blocks { #expect(abs(offset - other) >= bytes) }
      blocks.append(offset)
    }
  }

  @Test("blocks never overlap, and every byte comes back", arguments: [UInt64.random(in: 1...UInt64.max)])
  func blocksAreDisjoint(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let source = FickleSource()
    let allocator = try allocator(pages: 4096, source: source)
    var blocks: [Int: Int] = [:]
    for _ in 0..<20_000 {
      if Int.random(in: 0..<5, using: &random) < 3 {
        let bytes =
          Int.random(in: 0..<100, using: &random) == 0
          ? Int.random(in: 1...200_000, using: &random) : Int.random(in: 1...2_000, using: &random)
        var offset = allocator.allocate(bytes)
        if offset == nil, allocator.refill(.init(bytes: bytes)) { offset = allocator.allocate(bytes) }
        guard let offset else { continue }
        #expect(offset % 16 == 0)
        #expect(allocator.blockBytes(at: offset) >= bytes)
        blocks[offset] = allocator.blockBytes(at: offset)
      } else if let offset = blocks.keys.randomElement(using: &random) {
        blocks[offset] = nil
        allocator.free(offset)
      }
    }
    let sorted = blocks.sorted { $0.key < $1.key }
    for (first, second) in zip(sorted, sorted.dropFirst()) {
      #expect(first.key + first.value <= second.key, "seed \(seed)")
    }
    #expect(allocator.memory.used == blocks.values.reduce(0, +))
    for offset in blocks.keys { allocator.free(offset) }
    allocator.trim(keepingOneEmptyRun: false)
    allocator.trim()
    #expect(allocator.memory.used == 0)
    #expect(
      allocator.memory.reserved == 0, "seed \(seed)")
    #expect(allocator.surplusPages <= 0)
  }

  @Test("when the file system is full an allocation fails, nothing is lost, and it works again later")
  func survivesRefusal() throws {
    let source = FickleSource()
    let allocator = try allocator(pages: 1024, source: source)
    source.refuses.store(true, ordering: .relaxed)
    #expect(allocator.allocate(100) == nil)
    #expect(!allocator.refill(.init(bytes: 100, mayUseSpare: true)))
    #expect(source.refusals.load(ordering: .relaxed) > 0)
    #expect(allocator.memory.reserved == 0)
    source.refuses.store(false, ordering: .relaxed)
    #expect(allocator.refill(.init(bytes: 100)))
    #expect(allocator.allocate(100) != nil)
  }

  @Test("when the file system is full, pages of empty runs of one size serve another")
  func loosePagesServe() throws {
    let source = FickleSource()
    let allocator = try allocator(pages: 1024, source: source)
    #expect(allocator.refill(.init(bytes: 300_000)))
    let offset = try #require(allocator.allocate(300_000))
    allocator.free(offset)
    source.refuses.store(true, ordering: .relaxed)
    #expect(allocator.refill(.init(bytes: 100)))
    #expect(allocator.allocate(100) != nil)
    #expect(!allocator.refill(.init(bytes: 300_000)))
  }

  @Test("empty runs are given back but for one of each class")
  func trimsEmptyRuns() throws {
    let source = FickleSource()
    let allocator = try allocator(pages: 4096, source: source)
    var offsets: [Int] = []
    while offsets.count < 1_000 {
      if let offset = allocator.allocate(1_000) {
        offsets.append(offset)
      } else {
        #expect(allocator.refill(.init(bytes: 1_000)))
      }
    }
    let full = allocator.memory.reserved
    for offset in offsets { allocator.free(offset) }
    #expect(allocator.surplusPages * 4096 > full / 2)
    allocator.trim()
    #expect(allocator.surplusPages <= 0)
    // Their pages keep their memory until the next time, for readers that may still look at them.
    #expect(allocator.memory.reserved == full)
    #expect(allocator.hasLoosePages)
    allocator.trim()
    #expect(!allocator.hasLoosePages)
    #expect(allocator.memory.reserved < full / 8)
    #expect(source.released.load(ordering: .relaxed) > full / 2)
    #expect(allocator.allocate(1_000) != nil)
  }
}

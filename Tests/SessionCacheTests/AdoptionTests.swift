import Glibc
import SessionSegment
import SystemCalls
import Testing

@testable import SessionCache

@Suite("A segment that is opened again")
struct AdoptionTests {
  let second = CacheUnderTest.second

  @Test(
    "holds every session with its version, its times and its memory, and goes on with versions and changes",
    arguments: [(1, 300), (4, 20_000), (64, 3_000)])
  func again(shards: Int, count: Int) throws {
    let directory = try SegmentDirectory()
    let (first, origin) = try directory.open(size: 64 << 20, shards: shards)
    #expect(origin == .fresh)
    let values = try first.fill(count, seed: 7)
    let before = (first.cache.statistics, values.keys.map { first.information($0) }, first.cache.segmentID)
    let (second, again) = try directory.open(size: 64 << 20, shards: shards)
    #expect(again == .adopted(sessions: values.count))
    #expect(second.cache.segmentID == before.2)
    #expect(values.keys.map { second.information($0) } == before.1)
    #expect(second.cache.statistics.memoryUsed == before.0.memoryUsed)
    #expect(second.cache.statistics.memoryIndex == before.0.memoryIndex)
    second.expectToHold(values)
    let last = before.1.compactMap { $0?.version }.max()!
    #expect(try second.set("new", [("k", "1")]) > last)
    for id in values.keys { try second.set(id, [("k", "2")]) }
    for id in values.keys { #expect(try second.remove(id)) }
    #expect(try second.remove("new"))
    #expect(second.cache.statistics.memoryUsed == second.cache.statistics.memoryIndex)
  }

  @Test("has lost what ended meanwhile, and nothing else")
  func expiry() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    for index in 0..<1_000 {
      try first.set("s\(index)", [("k", "1")], ttl: index % 2 == 0 ? 10 * second : 1_000 * second)
    }
    directory.now += 11 * second
    let (again, origin) = try directory.open()
    #expect(origin == .adopted(sessions: 500) || origin == .adopted(sessions: 1_000))
    #expect(again.cache.sessionCount == 500)
    #expect(again.cache.statistics.expired == 500)
    #expect(again.get("s1", "k") == "1")
    #expect(again.get("s2") == nil)
  }

  @Test("goes by an absolute lifetime that is new")
  func lifetime() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    try first.set("old", [("k", "1")], ttl: 5_000 * second)
    directory.now += 100 * second
    let (again, _) = try directory.open(lifetime: 50 * second)
    #expect(again.get("old") == nil)
    #expect(again.cache.sessionCount == 0)
  }

  @Test(
    "with another size, other shards or another spare holds the same in a file of that kind",
    arguments: [[64, 4, 1024], [8, 4, 1024], [16, 64, 1024], [16, 4, 64]])
  func otherGeometry(_ geometry: [Int]) throws {
    let (size, shards, sessionBytesMost) = (geometry[0] << 20, geometry[1], geometry[2] << 10)
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    let values = try first.fill(2_000, seed: 3)
    let before = values.keys.map { first.information($0) }
    let reader = try SegmentReader(first.cache.mapping)
    let (again, origin) = try directory.open(size: size, shards: shards, sessionBytesMost: sessionBytesMost)
    #expect(origin == .moved(sessions: values.count))
    again.expectToHold(values)
    #expect(values.keys.map { again.information($0) } == before)
    #expect(directory.names == ["segment"])
    // Who has the former file mapped is told.
    let id = Array(values.keys.first!.utf8)
    #expect(
      id.withUnsafeBytes { reader.record($0, at: directory.now, into: .init(start: nil, count: 0)) }
        == .superseded)
    #expect(
      try directory.open(size: size, shards: shards, sessionBytesMost: sessionBytesMost).origin
        == .adopted(sessions: values.count))
  }

  @Test("stays as it is where the sessions don't fit into the size that is wanted")
  func tooSmall() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    let values = try first.fill(15_000, seed: 5)
    let (again, origin) = try directory.open(size: 4 << 20)
    guard case .keptAsItIs(values.count, _) = origin else {
      Issue.record("\(origin)")
      return
    }
    again.expectToHold(values)
    #expect(directory.names == ["segment"])
  }

  @Test("ends a removal that was cut short when an entry stood in two slots", arguments: 0..<4)
  func removalCutShort(steps: Int) throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open(shards: 1)
    for index in 0..<250 { try first.set("s\(index)", [("k", "\(index)")]) }
    let shard = first.cache.shards[0]
    let page = shard.page(at: .start)
    // The beginning of IndexShard.remove, for an entry that others have to close up behind.
    let gap = try #require(
      (0..<BucketPage.slots).first { slot in
        let next = page.slot(IndexShard.next(slot))
        return !page.slot(slot).isEmpty && !next.isEmpty && next.tag.home != IndexShard.next(slot)
      })
    let removed = String(decoding: shard.record(at: page.slot(gap).offset).rawID, as: UTF8.self)
    let follower = IndexShard.next(gap)
    if steps > 0 { page.setDue(gap, page.due(follower)) }
    if steps > 1 { page.setSlot(gap, page.slot(follower)) }
    if steps > 2 { page.count -= 1 }
    let (again, _) = try directory.open(shards: 1)
    #expect(again.cache.sessionCount == (steps > 1 ? 249 : 250))
    for index in 0..<250 where "s\(index)" != removed || steps <= 1 {
      #expect(again.get("s\(index)", "k") == "\(index)")
    }
    #expect(again.list(limit: 1_000).count == again.cache.sessionCount)
    for index in 0..<250 { _ = try again.remove("s\(index)") }
    #expect(again.cache.statistics.memoryUsed == again.cache.statistics.memoryIndex)
  }

  @Test("ends a split that was cut short between two cells of the directory", arguments: 1..<8)
  func splitCutShort(cells: Int) throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open(shards: 1)
    for index in 0..<200 { try first.set("s\(index)", [("k", "\(index)")]) }
    let cache = first.cache
    let shard = cache.shards[0]
    let (old, wide) = try (
      shard.entry.directory,
      Directory(cache.mapping, offset: #require(cache.allocator.allocate(64)), depth: 3)
    )
    // Eight cells for one page, and then halves of it in the first of them.
    for cell in 0..<8 { wide[cell] = old[0] }
    shard.entry.directory = wide
    cache.allocator.free(old.offset)
    let page = shard.page(at: .start)
    var halves: [Int] = []
    for half in 0..<2 {
      var offset = cache.allocator.allocate(SegmentLayout.pageBytes)
      if offset == nil {
        #expect(cache.allocator.refill(.init(bytes: SegmentLayout.pageBytes)))
        offset = cache.allocator.allocate(SegmentLayout.pageBytes)
      }
      let new = try BucketPage(cache.mapping, offset: #require(offset))
      new.initialize(depth: 1)
      for slot in 0..<BucketPage.slots {
        let word = page.slot(slot)
        guard !word.isEmpty, word.tag.directoryIndex(depth: 1) == half else { continue }
        shard.put(word, page.due(slot), into: new)
      }
      halves.append(offset! / SegmentLayout.pageBytes)
    }
    for cell in 0..<cells { wide[cell] = halves[cell / 4] }
    let (again, origin) = try directory.open(shards: 1)
    #expect(origin == .adopted(sessions: 200))
    for index in 0..<200 { #expect(again.get("s\(index)", "k") == "\(index)") }
    for index in 0..<2_000 { try again.set("t\(index)", []) }
    #expect(again.list(limit: 1_000).count == 2_200)
    #expect(again.flush() == 2_200)
    #expect(again.cache.statistics.memoryUsed == again.cache.statistics.memoryIndex)
  }

  @Test("has nothing left of a record that was not yet published, or not yet cleared")
  func unpublishedRecord() throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open()
    try first.set("s", [("k", "1")])
    #expect(first.cache.allocator.refill(.init(bytes: 100)))
    let offset = try #require(first.cache.allocator.allocate(100))
    let block = first.cache.mapping.base + offset
    for word in 0..<12 { SharedWords.store(0x2222_2222, at: block + word * 8) }
    let (again, origin) = try directory.open()
    #expect(origin == .adopted(sessions: 1))
    #expect(SharedWords.areZero(again.cache.mapping.base + offset, bytes: 112))
  }

  @Test("by another daemon, under another name and so without its lock file, is refused")
  func taken() throws {
    let directory = try SegmentDirectory()
    func open(_ path: String) throws -> SessionCache {
      try SegmentOpener(
        path: path, size: 4 << 20, shardCount: 4,
        settings: .init(ttl: second, lifetime: 0, sessionBytesMost: 1 << 20, keysMost: 10), clock: .system,
        boot: nil, threads: 1, wakeReclaimer: {}
      ).open().cache
    }
    let first = try open(directory.segment)
    #expect(link(directory.segment, "\(directory.path)/other") == 0)
    #expect(throws: SegmentError.taken) { try open("\(directory.path)/other") }
    #expect(first.sessionCount == 0)
  }
}

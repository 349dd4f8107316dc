import SessionSegment
import Testing

@testable import SessionCache

@Suite("A rename") struct RenameTests {
  let second = CacheUnderTest.second

  @Test("gives the session another id and leaves all else as it was")
  func plain() throws {
    let cache = try CacheUnderTest()
    try cache.set("a", [("k", "1"), ("l", "[2]")], ttl: 100 * second)
    try cache.tag("a", "t", "u")
    let before = try #require(cache.information("a"))
    cache.now += 10 * second
    #expect(try cache.rename("a", to: "a longer id"))
    let after = try #require(cache.information("a longer id"))
    #expect(after.version > before.version)
    #expect(after.ttl == before.ttl)
    #expect(after.remaining == 100 * second)
    #expect(after.age == 10 * second)
    #expect(cache.get("a longer id")?.map(\.1) == ["1", "[2]"])
    #expect(cache.tags("a longer id") == ["t", "u"])
    #expect(cache.tagged("t") == ["a longer id"])
    #expect(cache.get("a") == nil)
    #expect(cache.end("a")?.cause == .renamed)
    #expect(cache.list() == ["a longer id"])
    #expect(throws: CacheError.revoked) { try cache.set("a", [("k", "2")]) }
    #expect(cache.tagIndex.pairs == cache.tagIndex.ofRecords)
  }

  @Test("leaves the old id readable for its grace, and for reading only")
  func grace() throws {
    let cache = try CacheUnderTest()
    try cache.set("a", [("k", "1")], ttl: 100 * second)
    try cache.rename("a", to: "b", grace: 30 * second)
    cache.now += 29 * second
    #expect(cache.get("a", "k") == "1")
    #expect(cache.information("a")?.version == cache.information("b")?.version)
    #expect(cache.information("b")?.remaining == 100 * second)
    #expect(try cache.touch("a"))
    #expect(throws: CacheError.renamed) { try cache.set("a", [("k", "2")]) }
    #expect(throws: CacheError.renamed) { try cache.remove("a") }
    #expect(throws: CacheError.renamed) { try cache.rename("a", to: "c") }
    try cache.set("b", [("k", "2")])
    #expect(cache.get("a", "k") == "2")
    cache.now += second
    #expect(cache.get("a") == nil)
    #expect(throws: CacheError.revoked) { try cache.set("a", [("k", "2")]) }
    #expect(throws: CacheError.revoked) { try cache.touch("a") }
    cache.now += 69 * second
    #expect(throws: CacheError.revoked) { try cache.set("a", [("k", "2")]) }
    cache.now += second
    try cache.set("a", [("k", "2")])
  }

  @Test("after rename, within their graces, leaves the first id readable over 64 of them, and revocable")
  func chain() throws {
    let cache = try CacheUnderTest()
    try cache.set("s0", [("k", "1")])
    for number in 0..<64 { try cache.rename("s\(number)", to: "s\(number + 1)", grace: 100 * second) }
    #expect(cache.get("s0", "k") == "1")
    #expect(try cache.revoke("s0"))
    #expect(cache.get("s64") == nil)
  }

  @Test("is refused onto an id that lives, also its own, or was revoked, and of what is not there")
  func refusals() throws {
    let cache = try CacheUnderTest()
    let version = try cache.set("a", [("k", "1")])
    let other = try cache.set("b", [("k", "2")])
    try cache.revoke("gone")
    #expect(throws: CacheError.conflict(current: other)) { try cache.rename("a", to: "b") }
    #expect(throws: CacheError.conflict(current: version)) { try cache.rename("a", to: "a") }
    #expect(throws: CacheError.revoked) { try cache.rename("a", to: "gone") }
    #expect(try !cache.rename("nobody", to: "gone"))
    #expect(cache.get("a", "k") == "1")
    #expect(cache.get("b", "k") == "2")
  }

  @Test("takes the place of a session whose time is over")
  func expired() throws {
    let cache = try CacheUnderTest()
    try cache.set("a", [("k", "1")])
    try cache.set("b", [("k", "2")], ttl: second)
    try cache.tag("b", "t")
    cache.now += 2 * second
    #expect(try cache.rename("a", to: "b"))
    #expect(cache.get("b", "k") == "1")
    #expect(cache.end("b")?.cause == .idle)
    #expect(cache.tagIndex.pairs == [])
  }

  @Test("in a cache that is full changes nothing, and works again when something goes")
  func full() throws {
    let cache = try CacheUnderTest(size: 4 << 20, sessionBytesMost: 64 << 10)
    var count = 0
    while (try? cache.set("s\(count)", [("k", "\"\(String(repeating: "v", count: 900))\"")])) != nil {
      count += 1
    }
    var renamed = 0
    while (try? cache.rename("s\(renamed)", to: "r\(renamed)", grace: second)) == true { renamed += 1 }
    let (old, new) = ("s\(renamed)", "r\(renamed)")
    #expect(throws: CacheError.full) { try cache.rename(old, to: new, grace: second) }
    #expect(cache.get(old) != nil)
    #expect(cache.get(new) == nil)
    #expect(cache.cache.sessionCount == count)
    for number in count - 400..<count { #expect(try cache.remove("s\(number)")) }
    for _ in 0..<3 {
      cache.now += 2 * second
      cache.sweep()
    }
    #expect(try cache.rename(old, to: new, grace: second))
  }

  @Test("of sessions as small as their marks needs no luck with blocks")
  func alike() throws {
    let cache = try CacheUnderTest()
    for number in 0..<3_000 {
      try cache.set("s\(number)", [])
      #expect(try cache.rename("s\(number)", to: "r\(number)"))
    }
    #expect(cache.cache.sessionCount == 3_000)
  }

  enum Stop: CaseIterable {
    case beforeFirstStore, betweenStores, afterSecondStore
  }

  @Test("that a kill cuts short is done or not begun, never half", arguments: Stop.allCases, [1, 4])
  func cutShort(_ stop: Stop, shards: Int) throws {
    let directory = try SegmentDirectory()
    let (first, _) = try directory.open(shards: shards)
    for number in 0..<2_000 { try first.set("s\(number)", [("k", "\(number)")]) }
    try first.tag("s7", "t")
    let version = try #require(first.information("s7")).version
    try stopRename(first, "s7", "new", stop)

    let (second, origin) = try directory.open(shards: shards)
    #expect(origin == .adopted(sessions: 2_000))
    let (there, gone) = stop == .afterSecondStore ? ("new", "s7") : ("s7", "new")
    #expect(second.get(there, "k") == "7")
    #expect(second.get(gone) == nil)
    #expect(second.tagged("t") == [there])
    if there == "s7" { #expect(second.information("s7")?.version == version) }
    #expect(second.cache.header.renaming == nil)
    #expect(second.cache.statistics.marks == (stop == .afterSecondStore ? 1 : 0))
    #expect(second.tagIndex.pairs == second.tagIndex.ofRecords)
    if there == "s7" { #expect(try second.rename("s7", to: "new")) }
  }

  /// Makes the stores of a rename up to a place.
  private func stopRename(_ cache: CacheUnderTest, _ old: String, _ new: String, _ stop: Stop) throws {
    let (cache, now) = (cache.cache, cache.now)
    try Array(old.utf8).withUnsafeBytes { old in
      try Array(new.utf8).withUnsafeBytes { new in
        let rename = Rename(
          cache: cache, old: old, new: new, oldHash: cache.hash(old), newHash: cache.hash(new), grace: nil,
          now: now, origin: nil, isNewIDRandom: false, plan: nil)
        let (oldShard, newShard) = (cache.shard(rename.oldHash), cache.shard(rename.newHash))
        let place = try #require(oldShard.find(rename.oldHash.tag, old))
        let written = try rename.write(oldShard.record(at: place.offset), newShard)
        cache.header.renaming = RenameIntent(
          old: place.offset, ending: written.ending, new: written.session)
        if stop == .beforeFirstStore { return }
        oldShard.replace(place, offset: written.ending, due: .never, isUnsaved: false)
        if stop == .betweenStores { return }
        newShard.insert(rename.newHash.tag, offset: written.session, due: .never, isUnsaved: false)
      }
    }
  }
}

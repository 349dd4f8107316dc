import SessionSegment
import TestSupport
import Testing

@testable import SessionCache

@Suite("A cache with a store behind it")
struct BackedCacheTests {
  private static let second = CacheUnderTest.second

  @Test("knows nothing of an id until the store was asked, and then that there is nothing")
  func absence() throws {
    let backed = try BackedCache()
    #expect(throws: CacheError.notResident(Array("s".utf8))) { try backed.tested.set("s", [("k", "1")]) }
    #expect(try backed.read("s") == nil)
    #expect(backed.loads == 1)
    #expect(try backed.read("s") == nil)
    #expect(backed.loads == 1)
    try backed.tested.set("s", [("k", "1")], ifVersion: 0)
    #expect(backed.tested.get("s", "k") == "1")
    #expect(backed.cache.statistics.sessions == 1)
  }

  @Test("marks what the store has not heard of, once however often it changes")
  func unsaved() throws {
    let backed = try BackedCache()
    for round in 1...5 {
      _ = try backed.loading { _ in try backed.tested.set("s", [("k", "\(round)")]) }
    }
    #expect(backed.cache.unsavedCount == 1)
    backed.flush()
    #expect(backed.cache.unsavedCount == 0)
    #expect(backed.stored[Array("s".utf8)]?.version == backed.tested.information("s")?.version)
    _ = try backed.tested.setTTL("s", 5 * Self.second)
    #expect(backed.cache.unsavedCount == 1)
    #expect(try backed.tested.remove("s"))
    #expect(backed.cache.unsavedCount == 1)
    backed.flush()
    #expect(backed.stored.isEmpty)
    #expect(backed.cache.unsavedCount == 0)
  }

  @Test("keeps what changed while the store was told as unsaved")
  func changedMeanwhile() throws {
    let backed = try BackedCache()
    _ = try backed.loading { _ in try backed.tested.set("s", [("k", "1")]) }
    let (records, next) = backed.cache.collectUnsaved(
      UnsavedCursor(), recordsMost: 10, bytesMost: 1 << 20, withBody: true, at: backed.now)
    #expect(records.count == 1)
    #expect(next == nil)
    try backed.tested.set("s", [("k", "2")])
    backed.cache.settle(records, at: backed.now)
    #expect(backed.cache.unsavedCount == 1)
  }

  @Test(
    "knows nothing of a rename's new id while the rename is half shown, though it knew that nobody had it",
    arguments: [nil, 30 * second])
  func halfShown(grace: Int64?) throws {
    let backed = try BackedCache()
    _ = try backed.loading { _ in try backed.tested.set("old", [("k", "1")]) }
    backed.flush()
    #expect(try backed.read("new") == nil)
    let (old, new) = (Array("old".utf8), Array("new".utf8))
    let plan = ChangePlan()
    let now = backed.now
    #expect(try backed.cache.rename(old.span, to: new.span, grace: grace, at: now, by: nil, plan: plan))
    #expect(plan.changes.map(\.id) == [old, new])
    for (index, change) in plan.changes.enumerated() {
      backed.cache.publish(change, version: try #require(change.image).version, at: backed.now)
      for id in grace == nil ? [new] : [old, new] {
        #expect((backed.tested.get(String(decoding: id, as: UTF8.self)) != nil) == (index == 1))
        let unknown = backed.cache.firstUnknown(id.span, at: backed.now)
        #expect(unknown == (index == 0 ? new : nil))
      }
    }
  }

  @Test("lets the store hear of the end of a session")
  func expiry() throws {
    let backed = try BackedCache()
    _ = try backed.loading { _ in try backed.tested.set("s", [("k", "1")]) }
    backed.flush()
    #expect(backed.stored.count == 1)
    backed.now += 601 * Self.second
    backed.tested.sweep()
    #expect(backed.cache.statistics.sessions == 0)
    #expect(backed.cache.statistics.expired == 1)
    #expect(backed.cache.unsavedCount == 1)
    backed.flush()
    #expect(backed.stored.isEmpty)
    backed.now += 20 * Self.second
    backed.tested.sweep()
    #expect(backed.cache.statistics.memoryUsed == backed.cache.statistics.memoryIndex)
  }

  @Test("tells the store until when a session lives that was only read")
  func uses() throws {
    let backed = try BackedCache()
    _ = try backed.loading { _ in try backed.tested.set("s", [("k", "1")]) }
    backed.flush()
    let first = try #require(backed.stored[Array("s".utf8)]).deadline
    backed.now += 100 * Self.second
    #expect(backed.tested.get("s") != nil)
    #expect(backed.cache.unsavedCount == 0)
    backed.flush()
    #expect(backed.stored[Array("s".utf8)]?.deadline == first + 100 * Self.second)
  }

  @Test("lets what nobody used for the cache's time leave memory, and nothing else")
  func cacheTTL() throws {
    let backed = try BackedCache(cacheTTL: 10 * Self.second)
    for name in ["a", "b"] {
      _ = try backed.loading { _ in try backed.tested.set(name, [("k", "1")]) }
    }
    backed.flush()
    backed.now += 9 * Self.second
    #expect(backed.tested.get("b") != nil)
    backed.flush()
    backed.now += 2 * Self.second
    backed.tested.sweep()
    #expect(backed.cache.statistics.sessions == 1)
    #expect(backed.tested.get("a") == nil)
    #expect(try backed.read("a")?.count == 1)
    #expect(backed.cache.statistics.expired == 0)
  }

  @Test("keeps what was loaded until who wanted it can come for it, and sees that it was used")
  func loadedLongUnused() throws {
    let backed = try BackedCache(cacheTTL: 2 * Self.second)
    _ = try backed.loading { _ in try backed.tested.set("s", [("k", "1")]) }
    backed.flush()
    backed.now += 100 * Self.second
    backed.tested.sweep()
    #expect(backed.cache.statistics.sessions == 0)
    let first = try #require(backed.stored[Array("s".utf8)]).deadline
    // Loaded twice: it stays for a while, and nobody's coming for it is no use.
    for isUsed in [false, true] {
      try backed.load(Array("s".utf8))
      backed.now += Self.second / 10
      backed.tested.sweep()
      #expect(backed.cache.statistics.sessions == 1)
      if isUsed { #expect(backed.tested.get("s") != nil) }
      backed.now += 3 * Self.second
      backed.tested.sweep()
      if isUsed {
        backed.flush()
        #expect(try #require(backed.stored[Array("s".utf8)]).deadline > first + 100 * Self.second)
      } else {
        #expect(backed.cache.statistics.sessions == 0)
      }
    }
  }

  @Test("changes nothing but the plan until that is published")
  func plans() throws {
    let backed = try BackedCache(isPlanned: true)
    let id = Array("s".utf8)
    _ = try backed.read("s")
    let plan = ChangePlan()
    var edits = FieldEdits(seed: backed.cache.hashSeed)
    let bytes = Array("k1".utf8)
    edits.add(key: 0..<1, value: 1..<2, in: bytes.span)
    let version = try backed.cache.write(
      id.span, &edits, of: bytes.span, .init(version: 0), at: backed.now, plan: plan)
    #expect(backed.tested.get("s") == nil)
    #expect(plan.changes.count == 1)
    backed.cache.publish(plan.changes[0], version: version + 7, at: backed.now)
    #expect(backed.tested.get("s", "k") == "1")
    #expect(backed.tested.information("s")?.version == version + 7)
    #expect(backed.cache.unsavedCount == 0)
    #expect(backed.cache.lastVersion == version + 7)
  }

  @Test("takes nothing that is no record")
  func damage() throws {
    let backed = try BackedCache()
    let body: [UInt8] = [0, 1, 200, 0, 0, 0, 0x61]
    let image = RecordImage(
      id: [1], kind: .session, version: 3, created: 0, ttl: 1, deadline: backed.now + 1, fieldCount: 1,
      body: body)
    #expect(throws: CacheError.damaged) { try backed.cache.install(image, at: backed.now) }
  }

  @Test(
    "is the same as one in which there is room for all, whatever leaves memory when",
    arguments: [false, true], [UInt64(1), 2, 3])
  func sameAsLarge(isPlanned: Bool, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let small = try BackedCache(size: 512 * 1024, isPlanned: isPlanned, cacheTTL: 40 * Self.second)
    let large = try CacheUnderTest(size: 64 << 20)
    for step in 0..<6_000 {
      let id = "s\(random.pick(400))"
      let other = "s\(random.pick(400))"
      switch random.pick(16) {
      case 0: try expectSame(step, { p in try small.remove(id, p) }, { try large.remove(id) ? 1 : 0 }, small)
      case 1:
        try expectSame(
          step, { p in try small.setTTL(id, p) }, { try large.setTTL(id, 90 * Self.second) ? 1 : 0 }, small)
      case 2:
        try expectSame(
          step, { p in try small.rename(id, other, p) }, { try large.rename(id, to: other) ? 1 : 0 }, small)
      case 3 where random.pick(8) == 0:
        try expectSame(step, { p in try small.revoke(id, p) }, { try large.revoke(id) ? 1 : 0 }, small)
      case 3, 4:
        try expectSame(
          step, { p in try small.tag(id, p) }, { try large.tag(id, "t").map { $0 + 1 } ?? 0 }, small)
      case 5...8:
        let value = String(repeating: "1", count: 1 + random.pick(3_000))
        try expectSame(
          step, { p in try small.write(id, value, p) }, { try large.set(id, [("k", value)]) > 0 ? 1 : 0 },
          small)
      case 9:
        small.flush()
        if random.pick(4) == 0 { try small.forgetMemory(unless: isPlanned) }
      case 10:
        small.now += Self.second * Int64(1 + random.pick(20))
        large.now = small.now
        small.tested.sweep()
        large.sweep()
      default:
        let found = try small.read(id)?.map { "\($0)=\($1)" }
        try #require(found == large.get(id)?.map { "\($0)=\($1)" }, "step \(step), seed \(seed): \(id)")
      }
    }
    #expect(small.forgotten + small.cache.statistics.forgotten > 100)
  }

  private func expectSame(
    _ step: Int, _ small: (ChangePlan?) throws -> Int, _ large: () throws -> Int,
    _ backed: BackedCache
  ) throws {
    func outcome(_ body: () throws -> Int) -> String {
      do {
        return "\(try body())"
      } catch {
        // Versions are not the same.
        if case .conflict = error as? CacheError { return "conflict" }
        return "\(error)"
      }
    }
    let one = outcome { try backed.loading(small) }
    try #require(one == outcome(large), "step \(step)")
  }
}

/// The same changes, with a plan or without.
extension BackedCache {
  func remove(_ id: String, _ plan: ChangePlan?) throws(CacheError) -> Int {
    let id = Array(id.utf8)
    return try cache.remove(id.span, at: now, plan: plan) ? 1 : 0
  }

  func setTTL(_ id: String, _ plan: ChangePlan?) throws(CacheError) -> Int {
    let id = Array(id.utf8)
    return try cache.setTTL(id.span, to: 90 * CacheUnderTest.second, at: now, plan: plan) ? 1 : 0
  }

  func rename(_ old: String, _ new: String, _ plan: ChangePlan?) throws(CacheError) -> Int {
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    return try cache.rename(old.span, to: new.span, grace: nil, at: now, by: nil, plan: plan) ? 1 : 0
  }

  func revoke(_ id: String, _ plan: ChangePlan?) throws(CacheError) -> Int {
    let id = Array(id.utf8)
    return try cache.revoke(id.span, at: now, plan: plan) ? 1 : 0
  }

  func tag(_ id: String, _ plan: ChangePlan?) throws(CacheError) -> Int {
    let (id, tag) = (Array(id.utf8), Array("t".utf8))
    return try cache.addTags(id.span, [0..<1], of: tag.span, at: now, plan: plan).map { $0 + 1 } ?? 0
  }

  func write(_ id: String, _ value: String, _ plan: ChangePlan?) throws(CacheError) -> Int {
    var edits = FieldEdits(seed: cache.hashSeed)
    let (id, bytes) = (Array(id.utf8), Array(("k" + value).utf8))
    edits.add(key: 0..<1, value: 1..<bytes.count, in: bytes.span)
    return try cache.write(id.span, &edits, of: bytes.span, .init(), at: now, plan: plan) > 0 ? 1 : 0
  }

  /// A reboot after a clean stop.
  func forgetMemory(unless isPlanned: Bool) throws {
    flush()
    if !isPlanned { try forgetMemory() }
  }
}

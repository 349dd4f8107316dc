import SessionCache
import TestSupport
import Testing

@Suite struct CachePropertyTests {
  @Test(
    "a cache does what a dictionary would, over 100,000 random operations under a moved clock",
    arguments: [UInt64(1), UInt64.random(in: 2...UInt64.max)])
  func agreesWithModel(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let second = CacheUnderTest.second
    let lifetime = seed % 2 == 0 ? 0 : 900 * second
    let cache = try CacheUnderTest(size: 128 << 20, ttl: 60 * second, lifetime: lifetime)
    var model = DictionaryModel(ttl: 60 * second, lifetime: lifetime)
    for step in 0..<100_000 {
      try operation(&random, cache, &model)
      if step % 10_000 == 9_999 { try compareAll(cache, &model, "seed \(seed), step \(step)") }
    }
    // In the end everything expires, and nothing is left of it.
    cache.now += 3_000 * second
    cache.sweep()
    #expect(cache.cache.sessionCount == 0, "seed \(seed)")
    let memory = cache.cache.statistics
    #expect(memory.memoryUsed == memory.memoryIndex, "seed \(seed)")
  }

  private func operation(
    _ random: inout SplitMix64, _ cache: CacheUnderTest, _ model: inout DictionaryModel
  ) throws {
    let id = "session-\(Int.random(in: 0..<3_000, using: &random))"
    let now = cache.now
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30: try write(id, &random, cache, &model)
    case 30..<55:
      let expected = model.live(id, now)
      #expect(cache.get(id).map { $0.map { "\($0)=\($1)" } } == expected?.fields.map { "\($0)=\($1)" })
      model.slide(id, now)
    case 55..<60:
      let expected = model.live(id, now)
      #expect(cache.information(id)?.version == expected?.version)
      #expect(cache.information(id)?.remaining == expected.map { model.end($0) - now })
    case 60..<70:
      let key = key(&random)
      let fields = model.live(id, now)?.fields ?? []
      let old = fields.first { $0.key == key }?.value ?? "0"
      if let number = Int64(old) {
        let sum = try cache.increment(id, key, by: 3)
        #expect(sum == number + 3)
        model.set(id, [(key, "\(sum)")], cache.information(id)!.version, ttl: nil, now)
      } else {
        #expect(throws: CacheError.notANumber) { try cache.increment(id, key) }
      }
    case 70..<78:
      #expect(try cache.remove(id) == (model.live(id, now) != nil))
      model.sessions[id] = nil
    case 78..<86: try removeKeys(id, &random, cache, &model)
    case 86..<90:
      #expect(try cache.touch(id) == (model.live(id, now) != nil))
      model.slide(id, now)
    case 90..<93:
      let ttl = Int64.random(in: 1...120, using: &random) * CacheUnderTest.second
      #expect(try cache.setTTL(id, ttl) == (model.live(id, now) != nil))
      if model.live(id, now) != nil {
        model.sessions[id]!.ttl = ttl
        model.sessions[id]!.deadline = now + ttl
      }
    case 93..<98: cache.now += Int64.random(in: 0...(CacheUnderTest.second / 5), using: &random)
    default: cache.sweep()
    }
  }

  private func write(
    _ id: String, _ random: inout SplitMix64, _ cache: CacheUnderTest, _ model: inout DictionaryModel
  ) throws {
    let fields = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      (key(&random), value(&random))
    }
    let current = model.live(id, cache.now)?.version ?? 0
    let condition: UInt64? =
      switch Int.random(in: 0..<6, using: &random) {
      case 0: current
      case 1: current + 1
      default: nil
      }
    let ttl: Int64? =
      Int.random(in: 0..<4, using: &random) == 0
      ? Int64.random(in: 1...90, using: &random) * CacheUnderTest.second : nil
    if let condition, condition != current {
      #expect(throws: CacheError.conflict(current: current)) {
        try cache.set(id, fields, ifVersion: condition, ttl: ttl)
      }
    } else {
      let version = try cache.set(id, fields, ifVersion: condition, ttl: ttl)
      #expect(version > current)
      model.set(id, fields, version, ttl: ttl, cache.now)
    }
  }

  private func removeKeys(
    _ id: String, _ random: inout SplitMix64, _ cache: CacheUnderTest, _ model: inout DictionaryModel
  ) throws {
    let keys = (0..<Int.random(in: 1...3, using: &random)).map { _ in key(&random) }
    let removed = try cache.remove(id, keys: keys)
    guard let session = model.live(id, cache.now) else {
      #expect(removed == 0)
      return
    }
    let kept = session.fields.filter { !keys.contains($0.key) }
    #expect(removed == session.fields.count - kept.count)
    if removed > 0 {
      model.sessions[id]!.fields = kept
      model.sessions[id]!.version = cache.information(id)!.version
      model.sessions[id]!.deadline = cache.now + session.ttl
    } else {
      model.slide(id, cache.now)
    }
  }

  private func key(_ random: inout SplitMix64) -> String {
    "key\(Int.random(in: 0..<6, using: &random))"
  }

  private func value(_ random: inout SplitMix64) -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<4: "\(Int.random(in: -1000...1000, using: &random))"
    case 4..<9: "\"\(String(repeating: "v", count: Int.random(in: 0..<300, using: &random)))\""
    default: "\"\(String(repeating: "w", count: Int.random(in: 0..<40_000, using: &random)))\""
    }
  }

  private func compareAll(
    _ cache: CacheUnderTest, _ model: inout DictionaryModel, _ place: Comment
  ) throws {
    for id in (0..<3_000).map({ "session-\($0)" }) {
      let found = cache.get(id, sliding: false).map { $0.map { "\($0)=\($1)" } }
      #expect(found == model.live(id, cache.now)?.fields.map { "\($0)=\($1)" }, place)
    }
    let expected = Set(model.sessions.keys.filter { model.live($0, cache.now) != nil })
    let listed = cache.list(limit: 37)
    #expect(Set(listed) == expected, place)
    #expect(listed.count == expected.count, place)
  }
}

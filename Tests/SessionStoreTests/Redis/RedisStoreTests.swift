import Glibc
import StoreSupport
import SystemCalls
import TestSupport
import Testing

@testable import SessionStore

/// With a real server. Each test has one of its own.
@Suite(.enabled(if: RedisProgram.path != nil, "\(RedisProgram.isWanted)"))
struct RedisStoreTests {
  static func session(
    _ id: String, version: UInt64 = 1, tags: [String] = [], value: String = "1", ttl: Int64 = 3600
  ) -> StoredRecord {
    let now = BootClock.system.wallClock()
    return StoredRecord(
      id: Array(id.utf8), version: version, created: now, ttl: ttl * 1_000_000_000,
      deadline: now + ttl * 1_000_000_000, tags: tags.map { Array($0.utf8) },
      fields: [(Array("n".utf8), Array(value.utf8))])
  }

  static func open(_ server: RedisServerProcess, _ ear: Ear? = nil) throws -> RedisStore {
    let store = RedisStore(server.location, listener: ear)
    _ = try store.open()
    return store
  }

  @Test("a Redis store keeps the contract", arguments: StoreContract.all(isShared: true))
  func contract(contract: StoreContract) throws {
    let server = try RedisServerProcess()
    let clock = StoreClock()
    let store = RedisStore(
      server.location, listener: nil, clock: BootClock(now: BootClock.system.now, wallClock: { clock.now }))
    _ = try store.open()
    try contract.run(on: StoreTrial(store, clock: clock))
    store.close()
  }

  @Test("each hears what others change, and nothing of what he changes himself")
  func listening() throws {
    let server = try RedisServerProcess()
    let ears = [Ear(), Ear()]
    let stores = try ears.map { try Self.open(server, $0) }
    defer { for store in stores { store.close() } }
    let saved = try stores[0].apply(
      [.save(Self.session("a", tags: ["t"]), replacing: 0), .save(Self.session("b"), replacing: 0)],
      sync: true)
    try eventually("the other one hears of a and b") { Set(ears[1].ids) == ["a", "b"] }
    guard case .done(let version) = saved[0] else { throw TestTrouble("not saved") }
    var later = Self.session("a").deadline
    later += 1_000_000_000_000
    _ = try stores[1].apply([.extend(Array("a".utf8), version: version, deadline: later)], sync: true)
    try eventually("it hears of the use") { ears[0].ids == ["a"] }
    var mark = StoredRecord.mark("a", version: 0, at: BootClock.system.wallClock(), ttl: 60_000_000_000)
    mark.version = version
    let renamed = try stores[1].apply(
      [.rename(ending: mark, session: Self.session("c", tags: ["t"]), replacing: version)], sync: true)
    #expect(renamed != [.conflict])
    try eventually("it hears of both ids") { Set(ears[0].ids) == ["a", "c"] }
    #expect(try stores[0].ids(.tag(Array("t".utf8)), from: nil, limit: 10).elements == [Array("c".utf8)])
    _ = try stores[0].apply([.remove(Array("c".utf8), replacing: nil)], sync: true)
    try eventually("the other one hears of the removal") { ears[1].ids.last == "c" }
    // The server tells in the order of the changes: had it told of own ones, that were here by now.
    _ = try stores[1].apply([.save(Self.session("z"), replacing: nil)], sync: true)
    try eventually("it hears of the last") { ears[0].ids.last == "z" }
    #expect(Set(ears[0].ids) == ["a", "c", "z"])
    #expect(Set(ears[1].ids) == ["a", "b", "c"])
    #expect(stores[1].statistics.invalidations == ears[1].ids.count)
  }

  @Test("a rename is made if the old version is still there and nothing lives under the new id")
  func renaming() throws {
    let server = try RedisServerProcess()
    let store = try Self.open(server)
    defer { store.close() }
    let saved = try store.apply(
      [.save(Self.session("a"), replacing: 0), .save(Self.session("b"), replacing: 0)], sync: true)
    guard case .done(let version) = saved[0] else { throw TestTrouble("not saved") }
    let mark = StoredRecord.mark(
      "a", of: "c", version: 1, at: BootClock.system.wallClock(), ttl: 60_000_000_000)
    func rename(to id: String, replacing: UInt64) throws -> StoreOutcome {
      try store.apply([.rename(ending: mark, session: Self.session(id), replacing: replacing)], sync: true)[0]
    }
    #expect(try rename(to: "b", replacing: version) == .conflict)
    #expect(try rename(to: "c", replacing: version + 9) == .conflict)
    #expect(try store.records([Array("c".utf8)]) == [nil])
    let outcome = try rename(to: "c", replacing: version)
    let loaded = try store.records([Array("a".utf8), Array("c".utf8)])
    #expect(loaded[0]?.kind == .alias)
    #expect(loaded[1]?.kind == .session)
    #expect(outcome == .done(version: loaded[1]?.version ?? 0))
    #expect(loaded[0]?.version == (loaded[1]?.version ?? 0) - 1)
    #expect(try rename(to: "d", replacing: version) == .conflict)
  }

  @Test("what is not ours, or damaged, is damaged, is counted once, and gives way to what is saved")
  func damage() throws {
    let server = try RedisServerProcess()
    let store = try Self.open(server)
    defer { store.close() }
    let names = ["text", "list", "body", "header", "short", "moved"]
    for name in names.dropFirst(2) {
      _ = try store.apply([.save(Self.session(name, tags: ["t"]), replacing: 0)], sync: true)
    }
    try server.command("SET", "sessiond:s:text", "hello")
    try server.command("RPUSH", "sessiond:s:list", "1")
    try server.command("SETRANGE", "sessiond:s:body", "70", "?")
    try server.command("SETRANGE", "sessiond:s:header", "6", "?")
    guard case .string(let value) = try server.command("GET", "sessiond:s:short") else {
      throw TestTrouble("no value")
    }
    var set = RedisCommand("SET", "sessiond:s:short")
    set.append(value[..<50])
    try server.ask(set)
    try server.command("COPY", "sessiond:s:moved", "sessiond:s:copy")
    let ids = (names.dropLast() + ["copy"]).map { Array($0.utf8) }
    // A list is no value at all.
    for _ in 0..<2 {
      #expect(
        try store.load(ids) == ids.map { $0 == Array("list".utf8) ? StoreFinding.nothing : .damaged })
      #expect(store.statistics.damaged == 5)
    }
    #expect(try store.recent(from: nil, limit: 100).elements.map(\.id) == [Array("moved".utf8)])
    for id in ids {
      let record = Self.session(String(decoding: id, as: UTF8.self), tags: ["u"])
      #expect(try store.apply([.save(record, replacing: 0)], sync: true) != [.conflict])
      #expect(try store.records([id])[0]?.body == record.body)
    }
    #expect(try store.ids(.tag(Array("t".utf8)), from: nil, limit: 100).elements == [Array("moved".utf8)])
    #expect(try store.ids(.tag(Array("u".utf8)), from: nil, limit: 100).elements.count == ids.count)
  }

  @Test("what other programs keep under the keys of tags or of the store itself is told, or replaced")
  func foreignKeys() throws {
    let server = try RedisServerProcess()
    try server.command("SET", "sessiond:t:x", "hello")
    let store = try Self.open(server)
    defer { store.close() }
    #expect(try store.ids(.tag(Array("x".utf8)), from: nil, limit: 10).elements.isEmpty)
    _ = try store.apply([.save(Self.session("a", tags: ["x"]), replacing: 0)], sync: true)
    #expect(try store.ids(.tag(Array("x".utf8)), from: nil, limit: 10).elements == [Array("a".utf8)])
    try server.command("SET", "other:store", "hello")
    var location = server.location
    location.prefix = "other"
    let other = RedisStore(location, listener: nil)
    #expect(throws: StoreError.self) { try other.open() }
  }

  @Test("stores of different prefixes and databases have nothing to do with each other")
  func namespaces() throws {
    let server = try RedisServerProcess()
    let stores = [("a", 0), ("b", 0), ("a", 3)].map { prefix, database in
      var location = server.location
      (location.prefix, location.database) = (prefix, database)
      return RedisStore(location, listener: nil)
    }
    defer { for store in stores { store.close() } }
    let facts = try stores.map { try $0.open() }
    #expect(Set(facts.map(\.id)).count == 3)
    _ = try stores[0].apply([.save(Self.session("s"), replacing: 0)], sync: true)
    #expect(try stores.map { try $0.records([Array("s".utf8)])[0] != nil } == [true, false, false])
    #expect(try stores[1].ids(.prefix([]), from: nil, limit: 10).elements.isEmpty)
    var location = server.location
    location.database = 99
    let outside = RedisStore(location, listener: nil)
    #expect(throws: StoreError.self) { try outside.open() }
  }

  @Test("the server forgets a session an eighth of its idle time and a minute late, and its tags not before")
  func serverTimes() throws {
    let server = try RedisServerProcess()
    let store = try Self.open(server)
    defer { store.close() }
    _ = try store.apply([.save(Self.session("a", tags: ["t"], ttl: 800), replacing: 0)], sync: true)
    _ = try store.apply([.save(Self.session("b", tags: ["t"], ttl: 80), replacing: 0)], sync: true)
    for (key, most) in [("s:a", 960_000), ("s:b", 150_000), ("t:t", 960_000)] as [(String, Int64)] {
      guard case .integer(let left) = try server.command("PTTL", "sessiond:\(key)") else {
        throw TestTrouble("no time")
      }
      #expect(left <= most && left > most - 50_000)
    }
    #expect(try server.command("PTTL", "sessiond:store") == .integer(-1))
  }

  @Test("a tag that sessions come to and expire from does not grow for ever")
  func sweeping() throws {
    let server = try RedisServerProcess()
    let store = try Self.open(server)
    defer { store.close() }
    for round in 0..<20 {
      _ = try store.apply(
        (0..<100).map { .save(Self.session("s\(round)-\($0)", tags: ["t"]), replacing: 0) }, sync: true)
      for index in 0..<100 where index >= 10 { try server.command("DEL", "sessiond:s:s\(round)-\(index)") }
    }
    guard case .integer(let count) = try server.command("SCARD", "sessiond:t:t") else {
      throw TestTrouble("no set")
    }
    // 200 live; without a look at others 2000 were there.
    #expect(count < 1000)
    #expect(try store.ids(.tag(Array("t".utf8)), from: nil, limit: 1000).elements.count == 200)
  }
}

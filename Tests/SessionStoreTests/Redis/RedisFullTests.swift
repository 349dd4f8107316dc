import StoreSupport
import TestSupport
import Testing

@testable import SessionStore

/// A real server at the bound of its memory.
@Suite(.enabled(if: RedisProgram.path != nil, "\(RedisProgram.isWanted)"))
struct RedisFullTests {
  private func session(_ id: String, tags: [String] = [], value: String = "1") -> StoredRecord {
    RedisStoreTests.session(id, tags: tags, value: value)
  }

  private func save(_ store: RedisStore, _ id: String) throws -> StoreOutcome {
    try store.apply([.save(session(id), replacing: nil)], sync: true)[0]
  }

  @Test("a full server refuses what is saved, says that nothing was done, and still lets go of sessions")
  func full() throws {
    let server = try RedisServerProcess("--maxmemory", "100mb", "--maxmemory-policy", "noeviction")
    let ear = Ear()
    let store = try RedisStoreTests.open(server, ear)
    defer { store.close() }
    guard case .done(let version) = try save(store, "a") else { throw TestTrouble("not saved") }
    try server.command("CONFIG", "SET", "maxmemory", "1")
    do {
      _ = try store.apply([.save(session("a", tags: ["t"]), replacing: version)], sync: true)
      Issue.record("it was saved")
    } catch {
      guard case .unavailable(let reason, let isDecided) = error else { throw error }
      #expect(reason.contains("OOM") && isDecided)
    }
    try store.check()
    #expect(try store.records([Array("a".utf8)])[0]?.version == version)
    #expect(
      try store.apply([.remove(Array("a".utf8), replacing: version)], sync: true) == [.done(version: 0)])
    try server.command("CONFIG", "SET", "maxmemory", "0")
    #expect(try save(store, "a") != .conflict)
    #expect(try store.ids(.tag(Array("t".utf8)), from: nil, limit: 10).elements.isEmpty)
    #expect(ear.lost.isEmpty)
  }

  @Test("a full server refuses what is saved and still does the rest of the same call")
  func fullForSome() throws {
    let server = try RedisServerProcess("--maxmemory", "100mb", "--maxmemory-policy", "noeviction")
    let ear = Ear()
    let store = try RedisStoreTests.open(server, ear)
    defer { store.close() }
    let ids = ["a", "b", "c"].map { Array($0.utf8) }
    let versions = try ["a", "b", "c"].map { id in
      guard case .done(let version) = try save(store, id) else { throw TestTrouble("not saved") }
      return version
    }
    let saved = try #require(try store.records(ids)[2])
    try server.command("CONFIG", "SET", "maxmemory", "1")
    let outcomes = try store.apply(
      [
        .save(session("b", tags: ["t"], value: "2"), replacing: versions[1]),
        .remove(ids[0], replacing: versions[0]),
        .save(session("d"), replacing: 0),
        // It ends then anyway, and would end later.
        .extend(ids[2], version: versions[2], deadline: saved.deadline),
        .extend(ids[2], version: versions[2], deadline: saved.deadline + 1_000_000_000),
        .save(session("b"), replacing: versions[1] + 1000),
      ], sync: true)
    #expect(outcomes.map(\.isDone) == [false, true, false, true, false, false])
    #expect(outcomes.map { $0.refusal?.contains("OOM") } == [true, nil, true, nil, true, nil])
    #expect(outcomes[5] == .conflict)
    try store.check()
    let records = try store.records(ids + [Array("d".utf8)])
    #expect(records.map { $0?.version } == [nil, versions[1], versions[2], nil])
    #expect(records[2] == saved)
    try server.command("CONFIG", "SET", "maxmemory", "0")
    #expect(try store.ids(.tag(Array("t".utf8)), from: nil, limit: 10).elements.isEmpty)
    #expect(try save(store, "d").isDone)
    #expect(ear.lost.isEmpty)
  }
}

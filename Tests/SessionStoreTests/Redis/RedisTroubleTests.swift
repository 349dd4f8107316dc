import Glibc
import StoreSupport
import SystemCalls
import TestSupport
import Testing

@testable import SessionStore

/// What happens to a real server, and what comes of it.
@Suite(.enabled(if: RedisProgram.path != nil, "\(RedisProgram.isWanted)"))
struct RedisTroubleTests {
  private func session(_ id: String, tags: [String] = [], value: String = "1") -> StoredRecord {
    RedisStoreTests.session(id, tags: tags, value: value)
  }

  private func save(_ store: RedisStore, _ id: String, value: String = "1") throws -> StoreOutcome {
    try store.apply([.save(session(id, value: value), replacing: nil)], sync: true)[0]
  }

  @Test("a server that has forgotten the scripts is told them again")
  func scriptFlush() throws {
    let server = try RedisServerProcess()
    let store = try RedisStoreTests.open(server)
    defer { store.close() }
    let first = try save(store, "a")
    try server.command("SCRIPT", "FLUSH")
    let second = try store.apply(
      [.save(session("a", tags: ["t"]), replacing: nil), .save(session("b", tags: ["t"]), replacing: 0)],
      sync: true)
    #expect(!second.contains(.conflict) && !second.contains(first))
    try server.command("SCRIPT", "FLUSH")
    #expect(try store.ids(.tag(Array("t".utf8)), from: nil, limit: 10).elements.count == 2)
  }

  @Test("a server that was emptied is another store, and no change is made before that is known")
  func flush() throws {
    let server = try RedisServerProcess()
    let ear = Ear()
    let store = RedisStore(server.location, listener: ear)
    defer { store.close() }
    let facts = try store.open()
    guard case .done(let version) = try save(store, "a") else { throw TestTrouble("not saved") }
    try server.command("FLUSHALL")
    try eventually("it hears that all was changed") { ear.missed == 1 }
    #expect(try store.records([Array("a".utf8)]) == [nil])
    #expect(
      throws: StoreError.unavailable(
        "\(server.location): GONE the store was emptied, or another one is in its place", isDecided: true)
    ) { try save(store, "b") }
    #expect(try server.command("DBSIZE") == .integer(0))
    let again = try store.open()
    #expect(again.id != facts.id)
    #expect(again.lastVersion >= version)
    guard case .done(let later) = try save(store, "a") else { throw TestTrouble("not saved") }
    #expect(later > version)
  }

  @Test("a server that is killed and comes back empty is another store, and gives no version again")
  func killed() throws {
    let server = try RedisServerProcess()
    let ear = Ear()
    let store = RedisStore(server.location, listener: ear)
    defer { store.close() }
    let facts = try store.open()
    guard case .done(let version) = try save(store, "a") else { throw TestTrouble("not saved") }
    server.kill()
    try eventually("the loss is told") { !ear.lost.isEmpty }
    #expect(throws: StoreError.self) { try store.check() }
    #expect(throws: StoreError.self) { try store.records([Array("a".utf8)]) }
    #expect(throws: StoreError.self) { try save(store, "a") }
    #expect(throws: StoreError.self) { try store.open() }
    try server.start()
    #expect(throws: StoreError.self) { try store.check() }
    let again = try store.open()
    #expect(again.id != facts.id && again.lastVersion >= version)
    try store.check()
    #expect(try store.records([Array("a".utf8)]) == [nil])
  }

  @Test("a server that keeps its data is the same store after a restart")
  func persistent() throws {
    let server = try RedisServerProcess("--appendonly", "yes", "--appendfsync", "always")
    let store = RedisStore(server.location, listener: nil)
    defer { store.close() }
    let facts = try store.open()
    #expect(facts.remark == nil)
    let outcome = try save(store, "a")
    server.kill()
    try server.start()
    let again = try store.open()
    #expect(again.id == facts.id)
    #expect(.done(version: again.lastVersion) == outcome)
    #expect(try store.records([Array("a".utf8)])[0]?.version == again.lastVersion)
  }

  @Test(
    "a server that is stopped is given up in time; a change sent to it is undecided, and nothing is doubled")
  func stopped() throws {
    let server = try RedisServerProcess()
    let ear = Ear()
    let store = RedisStore(server.location, timeout: 500_000_000, listener: ear)
    defer { store.close() }
    _ = try store.open()
    guard case .done(let version) = try save(store, "a") else { throw TestTrouble("not saved") }
    server.signal(SIGSTOP)
    let reason = "\(server.location): the server does not answer"
    #expect(throws: StoreError.unavailable(reason, isDecided: false)) {
      try store.apply([.save(session("a", value: "2"), replacing: version)], sync: true)
    }
    #expect(throws: StoreError.self) { try store.records([Array("a".utf8)]) }
    try eventually("the loss is told") { !ear.lost.isEmpty }
    #expect(throws: StoreError.self) { try store.open() }
    server.signal(SIGCONT)
    _ = try store.open()
    let record = try #require(try store.records([Array("a".utf8)])[0])
    // Made once it went on: whoever replaces the old version is told so.
    #expect(record.version > version)
    #expect(try store.apply([.save(session("a", value: "3"), replacing: version)], sync: true) == [.conflict])
    #expect(
      try store.apply([.save(session("a", value: "3"), replacing: record.version)], sync: true) != [.conflict]
    )
  }

  @Test("the loss is told again until somebody opens, and not afterwards")
  func lossIsRepeated() throws {
    let server = try RedisServerProcess()
    let ear = Ear()
    let store = try RedisStoreTests.open(server, ear)
    defer { store.close() }
    try server.command("CLIENT", "KILL", "TYPE", "pubsub")
    try eventually("the loss is told twice") { ear.lost.count >= 2 }
    #expect(throws: StoreError.self) { try store.check() }
    _ = try store.open()
    let count = ear.lost.count
    try store.check()
    let other = try RedisStoreTests.open(server)
    defer { other.close() }
    _ = try save(other, "a")
    try eventually("it hears again") { ear.ids == ["a"] }
    #expect(ear.lost.count == count)
  }

  @Test("connections that are cut at rest are missed although nobody uses them")
  func cutAtRest() throws {
    let server = try RedisServerProcess()
    let ear = Ear()
    let store = try RedisStoreTests.open(server, ear)
    defer { store.close() }
    try server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    try eventually("the loss is told") { !ear.lost.isEmpty }
  }

  @Test("a server that closes idle connections does not find ours idle")
  func idleTimeout() throws {
    let server = try RedisServerProcess("--timeout", "2")
    let ear = Ear()
    let store = try RedisStoreTests.open(server, ear)
    defer { store.close() }
    sleep(5)
    #expect(try save(store, "a") != .conflict)
    #expect(ear.lost.isEmpty)
  }

  @Test("who must not come in is told so, and no word of the password")
  func passwords() throws {
    let server = try RedisServerProcess()
    try server.command(
      "ACL", "SETUSER", "cache", "on", ">s3cret", "~sessiond:*", "&sessiond:changes", "&__redis__:invalidate",
      "+@read", "+@write", "+@scripting", "+@connection", "+subscribe", "+publish", "+info")
    try server.command("CONFIG", "SET", "requirepass", "gr8")
    func open(_ user: String?, _ password: String?) throws -> StoreFacts {
      let credentials = password.map { StoreCredentials(user: user, password: $0) }
      let store = RedisStore(server.location, credentials: credentials, listener: nil)
      defer { store.close() }
      return try store.open()
    }
    let refused = StoreError.unfit("\(server.location): it refuses the user or the password")
    #expect(throws: StoreError.unfit("\(server.location): it wants a password, and has got none")) {
      try open(nil, nil)
    }
    #expect(throws: refused) { try open(nil, "wrong") }
    #expect(throws: refused) { try open("cache", "wrong") }
    #expect(throws: refused) { try open("nobody", "s3cret") }
    #expect(try open(nil, "gr8").id == open("cache", "s3cret").id)
    var location = server.location
    location.user = "cache"
    let named = RedisStore(
      location, credentials: StoreCredentials(user: nil, password: "s3cret"), listener: nil)
    _ = try named.open()
    named.close()
    try server.command("ACL", "SETUSER", "cache", "-subscribe", password: "gr8")
    do throws(any Error) { _ = try open("cache", "s3cret") } catch let error as StoreError {
      guard case .unfit(let reason) = error else { throw error }
      #expect(reason.contains("NOPERM"))
    }
  }

  @Test("a server that may forget sessions, or has no append-only file, is remarked upon")
  func remarks() throws {
    let server = try RedisServerProcess("--maxmemory-policy", "allkeys-lru")
    let store = RedisStore(server.location, listener: nil)
    defer { store.close() }
    let remark = try #require(try store.open().remark)
    #expect(remark.contains("maxmemory-policy is allkeys-lru") && remark.contains("append-only"))
    try server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    #expect(try store.open().remark?.hasPrefix("it has no append-only file") == true)
  }

  @Test("what the server evicts is told as changed")
  func eviction() throws {
    let server = try RedisServerProcess("--maxmemory-policy", "allkeys-random")
    let ear = Ear()
    let store = try RedisStoreTests.open(server, ear)
    defer { store.close() }
    _ = try store.apply((0..<50).map { .save(session("s\($0)"), replacing: nil) }, sync: true)
    try server.command("CONFIG", "SET", "maxmemory", "1")
    try eventually("it hears of all") {
      _ = try? server.command("SET", "x", "y")
      return Set(ear.ids).count == 50
    }
  }

  @Test("a replica is turned away, and one that becomes a replica takes nothing more")
  func replica() throws {
    let server = try RedisServerProcess()
    let store = try RedisStoreTests.open(server)
    defer { store.close() }
    _ = try save(store, "a")
    // Nobody listens there; it is a replica all the same.
    try server.command("REPLICAOF", "127.0.0.1", "1")
    do {
      _ = try save(store, "b")
      Issue.record("it was saved")
    } catch let error as StoreError {
      guard case .unavailable(let reason, let isDecided) = error else { throw error }
      #expect(reason.contains("READONLY") && isDecided)
    }
    #expect(throws: StoreError.self) { try store.check() }
    do throws(StoreError) {
      _ = try store.open()
      Issue.record("it was opened")
    } catch {
      guard case .unavailable(let reason, _) = error else { throw error }
      #expect(reason.contains("READONLY"))
    }
    try server.command("REPLICAOF", "NO", "ONE")
    _ = try store.open()
    #expect(try save(store, "b") != .conflict)
  }

  @Test("a server that is busy with somebody's script is unavailable for as long, and nothing is done")
  func busy() throws {
    let server = try RedisServerProcess("--busy-reply-threshold", "50")
    let store = try RedisStoreTests.open(server)
    defer { store.close() }
    let socket = server.socket
    let thread = try ServiceThread(name: "busy") {
      var connection = try? RedisConnection.connecting(to: .unix(path: socket), timeout: 30_000_000_000)
      _ = try? connection?.exchange([RedisCommand("EVAL", "while true do end", "0")])
    }
    try eventually("it is busy") {
      if case .error(let text) = try server.command("GET", "x") { text.hasPrefix("BUSY") } else { false }
    }
    do {
      _ = try save(store, "a")
      Issue.record("it was saved")
    } catch let error as StoreError {
      guard case .unavailable(let reason, true) = error else { throw error }
      #expect(reason.contains("BUSY"))
    }
    try server.command("SCRIPT", "KILL")
    thread.join()
    #expect(try save(store, "a") != .conflict)
  }
}

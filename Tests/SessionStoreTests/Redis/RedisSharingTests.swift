import Glibc
import StoreSupport
import SystemCalls
import TestSupport
import Testing

@testable import SessionStore

/// Several stores on one server, as many daemons have them.
@Suite(.enabled(if: RedisProgram.path != nil, "\(RedisProgram.isWanted)"))
struct RedisSharingTests {
  private static let daemons = 4

  /// Runs a body in so many threads, and throws the first error of any.
  private func together(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let failure = Guarded<(any Error)?>(nil)
    let threads = try (0..<count).map { index in
      try ServiceThread(name: "daemon") {
        do { try body(index) } catch { failure.withLock { $0 = $0 ?? error } }
      }
    }
    for thread in threads { thread.join() }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  @Test("increments of several daemons are never lost, whatever is cut and forgotten meanwhile")
  func increments() throws {
    let seed = BootClock.system.now()
    print("seed of the increments: \(seed)")
    let server = try RedisServerProcess()
    let location = server.location
    let names = ["a", "b", "c"]
    let first = try RedisStoreTests.open(server)
    defer { first.close() }
    let zeros = Array(repeating: 0, count: Self.daemons)
    _ = try first.apply(names.map { .save(CountingDaemon.record($0, zeros), replacing: 0) }, sync: true)
    let isOver = Guarded(false)
    let meddler = try meddler(server.socket, seed: UInt64(seed) &+ 99, until: isOver)
    let given = Guarded<[UInt64]>([])
    try together(Self.daemons) { index in
      var daemon = CountingDaemon(
        store: RedisStore(location, listener: nil), index: index, names: names,
        random: SplitMix64(seed: UInt64(seed) &+ UInt64(index)))
      defer { daemon.store.close() }
      let versions = try daemon.count(to: 100)
      given.withLock { $0 += versions }
    }
    isOver.withLock { $0 = true }
    meddler.join()
    let facts = try first.open()
    let sums = try first.records(names.map { Array($0.utf8) }).map {
      try CountingDaemon.counts(#require($0)).reduce(0, +)
    }
    #expect(sums.reduce(0, +) == 100 * Self.daemons)
    let versions = given.withLock { $0 }
    #expect(Set(versions).count == versions.count)
    #expect(versions.allSatisfy { $0 <= facts.lastVersion })
  }

  @Test("times to live that are set, and changes and uses of others, do not undo each other")
  func timesToLive() throws {
    let seed = BootClock.system.now()
    print("seed of the times to live: \(seed)")
    let server = try RedisServerProcess()
    let location = server.location
    let first = try RedisStoreTests.open(server)
    defer { first.close() }
    let id = Array("s".utf8)
    let original = CountingDaemon.record("s", [0])
    _ = try first.apply([.save(original, replacing: 0)], sync: true)
    let (longer, changed) = (Guarded(0), Guarded(0))
    try together(Self.daemons) { index in
      var random = SplitMix64(seed: UInt64(seed) &+ UInt64(index))
      let store = RedisStore(location, listener: nil)
      defer { store.close() }
      _ = try store.open()
      for _ in 0..<200 {
        guard let found = try store.records([id])[0] else { throw TestTrouble("it is gone") }
        let (version, ttl) = (found.version, found.ttl)
        switch random.pick(3) {
        case 0:
          // As EXPIRE does it, under the same version.
          var record = found
          record.ttl += 1000
          let outcomes = try store.apply([.save(record, replacing: version, ttl: ttl)], sync: true)
          if outcomes != [.conflict] { longer.withLock { $0 += 1 } }
        case 1:
          var record = CountingDaemon.record("s", [CountingDaemon.counts(found)[0] + 1])
          record.ttl = ttl
          let outcomes = try store.apply([.save(record, replacing: version, ttl: ttl)], sync: true)
          if outcomes != [.conflict] { changed.withLock { $0 += 1 } }
        default:
          let use = StoreChange.extend(id, version: version, ttl: ttl, deadline: found.deadline + 1_000_000)
          _ = try store.apply([use], sync: true)
        }
      }
    }
    let last = try #require(try first.records([id])[0])
    let (times, changes) = (longer.withLock { $0 }, changed.withLock { $0 })
    #expect(last.ttl == original.ttl + Int64(times) * 1000)
    #expect(CountingDaemon.counts(last) == [changes])
    #expect(times > 0 && changes > 0)
  }

  /// Cuts connections of the server and lets it forget its scripts.
  private func meddler(
    _ socket: String, seed: UInt64, until isOver: Guarded<Bool>
  ) throws -> ServiceThread {
    try ServiceThread(name: "meddler") {
      var random = SplitMix64(seed: seed)
      for _ in 0..<1000 where !isOver.withLock({ $0 }) {
        var connection = try? RedisConnection.connecting(to: .unix(path: socket), timeout: 10_000_000_000)
        let kill = RedisCommand("CLIENT", "KILL", "TYPE", random.pick(4) == 0 ? "pubsub" : "normal")
        _ = try? connection?.exchange([random.pick(2) == 0 ? kill : RedisCommand("SCRIPT", "FLUSH")])
        usleep(20_000)
      }
    }
  }

  @Test("when everything was heard, each daemon has in memory what the server has")
  func convergence() throws {
    let seed = BootClock.system.now()
    print("seed of the convergence: \(seed)")
    let server = try RedisServerProcess()
    let daemons = (0..<Self.daemons).map { _ in CachingDaemon() }
    let stores = try daemons.map { daemon in
      let store = RedisStore(server.location, listener: daemon)
      _ = try store.open()
      return store
    }
    defer { for store in stores { store.close() } }
    let ids = (0..<8).map { Array("s\($0)".utf8) }
    try together(Self.daemons) { index in
      var random = SplitMix64(seed: UInt64(seed) &+ UInt64(index))
      let (daemon, store) = (daemons[index], stores[index])
      for round in 0..<500 {
        let id = ids[random.pick(ids.count)]
        let found = try daemon.read(id, store)
        let name = String(decoding: id, as: UTF8.self)
        switch random.pick(6) {
        case 0:
          var record = RedisStoreTests.session(name, tags: ["t\(random.pick(3))"], value: "\(index):\(round)")
          let replacing = random.pick(3) == 0 ? nil : found?.version ?? 0
          _ = try daemon.apply(.save(record, replacing: replacing), store) { version in
            record.version = version
            return record
          }
        case 1:
          _ = try daemon.apply(.remove(id, replacing: found?.version ?? 0), store) { _ in nil }
        case 2:
          guard var record = found else { continue }
          let deadline = record.deadline + Int64(random.pick(1_000_000_000))
          let change = StoreChange.extend(id, version: record.version, deadline: deadline)
          record.deadline = deadline
          // Another one may have used it later: what is kept is what the server says.
          _ = try daemon.apply(change, store) { _ in nil }
          daemon.changed([id])
        default: break
        }
      }
    }
    let lasts = (0..<Self.daemons).map { Array("last\($0)".utf8) }
    for (store, last) in zip(stores, lasts) {
      _ = try store.apply(
        [.save(RedisStoreTests.session(String(decoding: last, as: UTF8.self)), replacing: 0)], sync: true)
    }
    for (index, daemon) in daemons.enumerated() {
      for (other, last) in lasts.enumerated() where other != index {
        try eventually("a daemon hears of the last change of another") { daemon.hasHeard(of: last) }
      }
    }
    let truth = try stores[0].records(ids)
    for daemon in daemons {
      for (id, kept) in daemon.records {
        guard let place = ids.firstIndex(of: id) else { continue }
        #expect(kept == truth[place])
      }
    }
    print("reads out of memory: \(daemons.map(\.hits)) of \(500 * Self.daemons)")
    // Each tag's set has those that have it, and the others only until they are found.
    for tag in 0..<3 {
      let name = Array("t\(tag)".utf8)
      let found = Set(try stores[0].ids(.tag(name), from: nil, limit: 100).elements)
      #expect(found == Set(truth.compactMap { $0 }.filter { $0.tags.contains(name) }.map(\.id)))
      guard case .array(let members) = try server.command("SMEMBERS", "sessiond:t:t\(tag)") else { continue }
      #expect(Set(members.compactMap(\.bytes)) == found)
    }
  }

  @Test("how long after a change another daemon hears of it (printed, not judged)")
  func staleness() throws {
    let server = try RedisServerProcess()
    let heard = Guarded<Int64?>(nil)
    let clock = Clock(heard)
    let (writer, reader) = (
      try RedisStoreTests.open(server), RedisStore(server.location, listener: clock)
    )
    _ = try reader.open()
    defer {
      writer.close()
      reader.close()
    }
    var fromCall: [Int64] = []
    var fromReturn: [Int64] = []
    for round in 0..<2000 {
      heard.withLock { $0 = nil }
      let record = RedisStoreTests.session("s", value: "\(round)")
      let called = BootClock.system.now()
      _ = try writer.apply([.save(record, replacing: nil)], sync: true)
      let returned = BootClock.system.now()
      var moment: Int64?
      for _ in 0..<100_000 where moment == nil {
        moment = heard.withLock { $0 }
        if moment == nil { usleep(10) }
      }
      let told = try #require(moment)
      fromCall.append(told - called)
      fromReturn.append(told - returned)
    }
    for (name, times) in [("call", fromCall.sorted()), ("return", fromReturn.sorted())] {
      let values = [times[1000], times[1980], times[1999]].map { "\($0 / 1000) µs" }.joined(separator: ", ")
      print("from the \(name) of the other's apply to changed, median, 99th percentile, most: \(values)")
    }
  }

  private final class Clock: StoreListener {
    private let heard: Guarded<Int64?>
    init(_ heard: Guarded<Int64?>) { self.heard = heard }
    func changed(_ ids: [[UInt8]]) { heard.withLock { $0 = BootClock.system.now() } }
    func missedChanges() {}
    func lost(_ reason: String) {}
  }
}

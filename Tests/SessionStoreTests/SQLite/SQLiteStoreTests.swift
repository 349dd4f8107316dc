import Glibc
import StoreSupport
import SystemCalls
import TestSupport
import Testing

@testable import SessionStore

struct SQLiteStoreTests {
  @Test("a store in SQLite keeps the contract", arguments: StoreContract.all(isShared: false))
  func contract(contract: StoreContract) throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { try contract.run(on: StoreTrial($0, clock: directory.time)) }
    }
  }

  @Test("what it counts is told while a read takes its time")
  func statistics() throws {
    try DatabaseDirectory.with { directory in
      let (gate, isHeld, isRead) = (Guarded(false), Guarded(false), Guarded(false))
      let time = directory.time
      // Asked for the time by each read, in the midst of it.
      let clock = BootClock(
        now: { time.now },
        wallClock: {
          for _ in 0..<10_000 where gate.withLock({ $0 }) {
            isHeld.withLock { $0 = true }
            usleep(1000)
          }
          return time.now
        })
      let store = SQLiteStore(path: directory.database, timeout: 50_000_000, clock: clock)
      _ = try store.open()
      defer { store.close() }
      gate.withLock { $0 = true }
      let reader = try ServiceThread(name: "reader") {
        _ = try? store.load([Array("s".utf8)])
        isRead.withLock { $0 = true }
      }
      defer { reader.join() }
      for _ in 0..<10_000 where !isHeld.withLock({ $0 }) { usleep(1000) }
      #expect(isHeld.withLock { $0 })
      #expect(store.statistics == StoreStatistics())
      #expect(!isRead.withLock { $0 })
      gate.withLock { $0 = false }
    }
  }

  @Test("what was saved is there when the next one opens it, closed or not", arguments: [true, false])
  func persistence(isClosed: Bool) throws {
    try DatabaseDirectory.with { directory in
      let records = (1...100).map {
        Records.session("s\($0)", version: UInt64($0), at: directory.time.now, tags: ["t"], bytes: $0 * 100)
      }
      let first = directory.store()
      let facts = try first.open()
      #expect(facts.lastVersion == 0)
      _ = try first.apply(Records.saves(records), sync: true)
      _ = try first.apply([.remove(records[99].id, replacing: nil)], sync: false)
      var name = directory
      if isClosed {
        first.close()
        #expect(directory.names == ["sessions.db", "sessions.db-lock"])
      } else {
        // As a kill leaves it: the files as they are, and the next one has them.
        name = try directory.copied()
      }
      defer { if !isClosed { first.close() } }
      try name.withStore { second in
        let again = try second.open()
        #expect((again.id, again.lastVersion) == (facts.id, 100))
        #expect(again.reservedVersion > facts.reservedVersion + 100)
        #expect(try second.records(records.map(\.id)) == records.dropLast() + [nil])
        #expect(try second.ids(.tag(Array("t".utf8)), from: nil, limit: 1000).elements.count == 99)
      }
    }
  }

  @Test("all its files are for their owner only, whatever the umask and the mode of what is there")
  func modes() throws {
    try DatabaseDirectory.with { directory in
      try directory.write([], to: "sessions.db")
      chmod(directory.database, 0o666)
      try directory.withStore { store in
        _ = try store.apply(
          Records.saves([Records.session("s", version: 1, at: directory.time.now)]), sync: true)
        for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm", "sessions.db-lock"] {
          #expect(directory.mode(name) == "600", "\(name)")
        }
        #expect(directory.names.count == 4)
      }
    }
  }

  @Test("a second store is kept away, by whatever name of the file it comes, also without the lock beside it")
  func anotherWayIn() throws {
    try DatabaseDirectory.with { directory in
      var other = directory
      other.name = "other.db"
      try directory.withStore { store in
        #expect(link(directory.database, other.database) == 0)
        #expect(unlink(directory.database + "-lock") == 0)
        for second in [directory.store(), other.store()] {
          let error = #expect(throws: StoreError.self) { try second.open() }
          #expect(reason(error).isPassing)
          #expect(reason(error).text.contains("another process has it open"))
        }
      }
      _ = try directory.withStore { try $0.load([Array("s".utf8)]) }
    }
  }

  @Test("a second store on the same file is kept away for as long as the first is open")
  func lock() throws {
    try DatabaseDirectory.with { directory in
      let second = directory.store()
      try directory.withStore { _ in
        let error = #expect(throws: StoreError.self) { try second.open() }
        #expect(reason(error).isPassing)
        #expect(reason(error).text.contains("another process has it open"))
      }
      _ = try second.open()
      second.close()
      #expect(throws: StoreError.self) { try second.open() }
    }
  }

  @Test("calls before it is opened, and after it was closed, fail")
  func order() throws {
    try DatabaseDirectory.with { directory in
      let store = directory.store()
      for isClosed in [false, true] {
        if isClosed {
          _ = try store.open()
          store.close()
          store.close()
        }
        #expect(throws: StoreError.self) { try store.records([[1]]) }
        #expect(throws: StoreError.self) { try store.apply([.remove([1], replacing: nil)], sync: false) }
        #expect(throws: StoreError.self) { try store.recent(from: nil, limit: 1) }
        #expect(throws: StoreError.self) { try store.check() }
        #expect(throws: StoreError.self) { try store.deleteExpired(endedFor: 0, limit: 1) }
      }
    }
  }

  @Test("cursors that no store made lead nowhere")
  func cursors() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let record = Records.session("s", version: 1, at: directory.time.now, tags: ["t"])
        _ = try store.apply(Records.saves([record]), sync: false)
        for text in ["", ":", "x", "1:", "1:x", "99999999999999999999:1", "1:2:3"] {
          let cursor = StoreCursor(Array(text.utf8))
          #expect(try store.recent(from: cursor, limit: 9).elements == [], "\(text)")
        }
        for text in ["", "x", "99999999999999999999"] {
          #expect(
            try store.ids(.tag(Array("t".utf8)), from: StoreCursor(Array(text.utf8)), limit: 9).elements == []
          )
        }
        #expect(try store.ids(.prefix([]), from: StoreCursor([0xFF]), limit: 9).elements == [])
      }
    }
  }

  @Test("it does what the store in memory does", arguments: [1, 2, 3, 4] as [UInt64])
  func model(seed: UInt64) throws {
    try DatabaseDirectory.with { directory in
      let time = directory.time
      let memory = MemoryStore(now: { time.now })
      _ = try memory.open()
      var random = SplitMix64(seed: seed)
      var version: UInt64 = 0
      func record() -> StoredRecord {
        version += 1
        let tags = (0..<5).filter { _ in random.pick(3) == 0 }.map { "t\($0)" }
        return Records.session(
          "s\(random.pick(60))", version: version, at: time.now - Int64(random.pick(1000)) * 1_000_000,
          tags: tags,
          bytes: random.length(most: 20_000), ttl: Int64(random.pick(100) + 1) * 100_000_000)
      }
      func change() -> StoreChange {
        let id = Array("s\(random.pick(60))".utf8)
        switch random.pick(10) {
        case 0...5: return .save(record(), replacing: nil)
        case 6, 7: return .remove(id, replacing: nil)
        case 8:
          let known = memory.table.record(id)?.version ?? 0
          return .extend(
            id, version: random.pick(4) == 0 ? known + 1 : known, deadline: time.now + 5_000_000_000)
        default:
          version += 1
          let ending = StoredRecord.mark(
            "s\(random.pick(60))", version: version, at: time.now, ttl: 1_000_000_000)
          return .rename(ending: ending, session: record(), replacing: 0)
        }
      }
      var store = directory.store()
      _ = try store.open()
      defer { store.close() }
      for round in 0..<200 {
        let changes = (0..<random.pick(20)).map { _ in change() }
        #expect(try store.apply(changes, sync: random.pick(2) == 0) == memory.apply(changes, sync: false))
        if random.pick(5) == 0 { time.advance(seconds: 1) }
        if random.pick(20) == 0 {
          // Which of those that are over go first is nobody's business.
          #expect(
            try store.deleteExpired(endedFor: 0, limit: 1000)
              == memory.deleteExpired(endedFor: 0, limit: 1000))
        }
        if random.pick(20) == 0 {
          store.close()
          store = directory.store()
          #expect(try store.open().lastVersion == memory.table.lastVersion)
        }
        if round % 10 == 0 { try compare(store, memory, "seed \(seed), round \(round)") }
      }
      #expect(store.statistics.damaged == 0)
    }
  }

  private func compare(_ store: SQLiteStore, _ memory: MemoryStore, _ place: Comment) throws {
    let ids = (0..<60).map { Array("s\($0)".utf8) }
    #expect(try store.load(ids) == memory.load(ids), place)
    for tag in 0..<5 {
      let selection = StoreSelection.tag(Array("t\(tag)".utf8))
      let found = try store.ids(selection, from: nil, limit: 100).elements
      #expect(try Set(found) == Set(memory.ids(selection, from: nil, limit: 100).elements), place)
      #expect(Set(found).count == found.count, place)
    }
    #expect(
      try store.ids(.prefix([]), from: nil, limit: 100).elements
        == memory.ids(.prefix([]), from: nil, limit: 100).elements, place)
    let recent = try store.recent(from: nil, limit: 100).elements
    let expected = try memory.recent(from: nil, limit: 100).elements
    // In the order of spans of time, which are all that its index knows.
    let spans = recent.map { SessionSpans(of: $0).use }
    #expect(spans == spans.sorted(by: >), place)
    #expect(Set(recent.map(\.id)) == Set(expected.map(\.id)), place)
  }
}

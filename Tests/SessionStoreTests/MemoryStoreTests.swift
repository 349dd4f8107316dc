import SessionStore
import StoreSupport
import SystemCalls
import Testing

struct MemoryStoreTests {
  @Test("a store of one daemon in memory keeps the contract", arguments: StoreContract.all(isShared: false))
  func ownContract(contract: StoreContract) throws {
    let clock = StoreClock()
    let store = MemoryStore(now: { clock.now })
    _ = try store.open()
    try contract.run(on: StoreTrial(store, clock: clock))
  }

  @Test("a shared store in memory keeps the contract", arguments: StoreContract.all(isShared: true))
  func sharedContract(contract: StoreContract) throws {
    let clock = StoreClock()
    let store = MemoryStore(isShared: true, now: { clock.now })
    _ = try store.open()
    try contract.run(on: StoreTrial(store, clock: clock))
  }

  private func record(_ id: String, version: UInt64 = 1) -> StoredRecord {
    StoredRecord(id: Array(id.utf8), version: version, created: 0, ttl: 1_000_000_000, deadline: .max)
  }

  @Test("nothing is answered before it is opened, nor after the connection is lost")
  func connection() throws {
    let store = MemoryStore(now: { 0 })
    let lost = StoreError.unavailable("the connection is lost", isDecided: true)
    #expect(throws: lost) { try store.records([]) }
    _ = try store.open()
    _ = try store.records([])
    store.faults.disconnect(isReachable: false)
    #expect(throws: lost) { try store.check() }
    #expect(throws: lost) { try store.open() }
    store.faults.mend()
    #expect(throws: lost) { try store.check() }
    _ = try store.open()
    try store.check()
    #expect(store.faults.count(of: .open) == 3)
    #expect(store.faults.count(of: .check) == 3)
  }

  @Test("a failure comes as often as it was asked for, before the work or after it")
  func failures() throws {
    let store = MemoryStore(now: { 0 })
    _ = try store.open()
    let undecided = StoreError.unavailable("cut", isDecided: false)
    store.faults.fail([.apply], .after, with: undecided, times: 2)
    for version: UInt64 in 1...2 {
      #expect(throws: undecided) {
        try store.apply([.save(record("s", version: version), replacing: nil)], sync: true)
      }
      #expect(store.table.record(Array("s".utf8))?.version == version)
    }
    _ = try store.apply([.save(record("s", version: 3), replacing: nil)], sync: true)
    let unfit = StoreError.unfit("newer")
    store.faults.fail([.load, .recent], with: unfit, times: nil)
    for _ in 0..<5 { #expect(throws: unfit) { try store.records([]) } }
    #expect(throws: unfit) { try store.recent(from: nil, limit: 1) }
    store.faults.mend()
    #expect(try store.records([Array("s".utf8)])[0]?.version == 3)
    #expect(store.batches == [1, 1, 1])
    #expect(store.loads(of: Array("s".utf8)) == 1)
  }

  @Test("a call waits at a gate until it is let go")
  func gates() throws {
    let store = MemoryStore(now: { 0 })
    _ = try store.open()
    store.faults.hold([.load])
    let isDone = Guarded(false)
    let latch = CountdownLatch(1)
    let thread = try ServiceThread(name: "load") {
      _ = try? store.records([Array("s".utf8)])
      isDone.withLock { $0 = true }
      latch.arrive()
    }
    thread.detach()
    #expect(store.faults.waitUntilHeld())
    #expect(!isDone.withLock { $0 })
    #expect(store.loads(of: Array("s".utf8)) == 0)
    store.faults.release()
    #expect(latch.wait(nanoseconds: 30_000_000_000))
    #expect(store.loads(of: Array("s".utf8)) == 1)
  }

  @Test("who shares a table hears what others change in it, and not what he changes himself")
  func listeners() throws {
    let table = MemoryTable(isShared: true, now: { 0 })
    let stores = [MemoryStore(table), MemoryStore(table)]
    let ears = [Ear(), Ear()]
    for (store, ear) in zip(stores, ears) {
      store.tell(ear)
      _ = try store.open()
    }
    _ = try stores[0].apply(
      [.save(record("s"), replacing: 0), .save(record("t"), replacing: 9)], sync: true)
    #expect(ears[0].heard.withLock { $0 } == [])
    #expect(ears[1].heard.withLock { $0 } == ["changed s"])
    #expect(stores[1].statistics.invalidations == 1)
    stores[0].lose("cut")
    #expect(ears[0].heard.withLock { $0 } == ["lost cut"])
    #expect(throws: StoreError.self) { try stores[0].check() }
    try stores[1].check()
  }

  private final class Ear: StoreListener {
    let heard = Guarded<[String]>([])
    func changed(_ ids: [[UInt8]]) {
      let text = ids.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      heard.withLock { $0.append("changed \(text)") }
    }
    func missedChanges() { heard.withLock { $0.append("missed") } }
    func lost(_ reason: String) { heard.withLock { $0.append("lost \(reason)") } }
  }
}

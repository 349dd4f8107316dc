public import SessionStore
import SystemCalls

/// A whole store that lies in memory, for tests, which can be told to be slow, to fail, to lose its connection, or to
/// wait (`faults`). It is the model of what a store does.
public final class MemoryStore: Store {
  public let table: MemoryTable
  public let faults = StoreFaults()

  private struct State {
    weak var listener: (any StoreListener)?
    var statistics = StoreStatistics()
    var loads: [[UInt8]: Int] = [:]
    var damaged: Set<[UInt8]> = []
    var batches: [Int] = []
    var isClosed = false
  }

  private let state = Guarded(State())

  /// One of several stores on a table, each as if it were another daemon's.
  public init(_ table: MemoryTable) {
    self.table = table
    table.enter(self)
  }

  /// A store with a table of its own.
  public convenience init(isShared: Bool = false, now: @escaping @Sendable () -> Int64) {
    self.init(MemoryTable(isShared: isShared, now: now))
  }

  /// Who hears of what other stores do to the table. Not kept alive.
  public func tell(_ listener: (any StoreListener)?) { state.withLock { $0.listener = listener } }

  /// Breaks the connection and tells the listener of it, as the channel of a shared store does.
  public func lose(_ reason: String, isReachable: Bool = true) {
    faults.disconnect(isReachable: isReachable)
    listener?.lost(reason)
  }

  /// How often an id was asked for by a load that got as far as the table.
  public func loads(of id: [UInt8]) -> Int { state.withLock { $0.loads[id] ?? 0 } }

  /// How many changes each batch had that got as far as the table.
  public var batches: [Int] { state.withLock { $0.batches } }

  public var isClosed: Bool { state.withLock { $0.isClosed } }

  private var listener: (any StoreListener)? { state.withLock { $0.listener } }

  public var isShared: Bool { table.isShared }

  public func open() throws(StoreError) -> StoreFacts {
    try faults.perform(.open) { () throws(StoreError) in
      StoreFacts(id: table.id, lastVersion: table.lastVersion, remark: faults.remark)
    }
  }

  public func load(_ ids: [[UInt8]]) throws(StoreError) -> [StoreFinding] {
    try faults.perform(.load) { () throws(StoreError) in
      let findings = table.load(ids)
      state.withLock { state in
        for (id, finding) in zip(ids, findings) where finding == .damaged { state.damaged.insert(id) }
        state.statistics.damaged = state.damaged.count
        for id in ids { state.loads[id, default: 0] += 1 }
      }
      return findings
    }
  }

  public func apply(_ changes: [StoreChange], sync: Bool) throws(StoreError) -> [StoreOutcome] {
    try faults.perform(.apply) { () throws(StoreError) in
      let outcomes = try applyUnlessRefused(changes)
      state.withLock { $0.batches.append(changes.count) }
      let changed = zip(changes, outcomes).filter { $0.1.isDone }.map(\.0.id)
      if isShared, !changed.isEmpty {
        for store in table.others(than: self) { store.hear(changed) }
      }
      return outcomes
    }
  }

  /// As a server at the bound of its memory does: what it refuses leaves the table as it is.
  private func applyUnlessRefused(_ changes: [StoreChange]) throws(StoreError) -> [StoreOutcome] {
    guard let refusal = faults.refusal else { return table.apply(changes) }
    let outcomes = changes.map { change in
      if let reason = refusal(change) { StoreOutcome.refused(reason) } else { table.apply([change])[0] }
    }
    if let reason = outcomes.first?.refusal, outcomes.allSatisfy({ $0.refusal != nil }) {
      throw .unavailable(reason, isDecided: true)
    }
    return outcomes
  }

  private func hear(_ ids: [[UInt8]]) {
    let listener = state.withLock { state in
      state.statistics.invalidations += ids.count
      return state.listener
    }
    listener?.changed(ids)
  }

  public func recent(from cursor: StoreCursor?, limit: Int) throws(StoreError) -> StorePage<StoredRecord> {
    try faults.perform(.recent) { () throws(StoreError) in table.recent(from: cursor, limit: limit) }
  }

  public func ids(
    _ selection: StoreSelection, from cursor: StoreCursor?, limit: Int
  ) throws(StoreError) -> StorePage<[UInt8]> {
    try faults.perform(.ids) { () throws(StoreError) in table.ids(selection, from: cursor, limit: limit) }
  }

  public func deleteExpired(endedFor age: Int64, limit: Int) throws(StoreError) -> Int {
    try faults.perform(.deleteExpired) { () throws(StoreError) in
      table.deleteExpired(endedFor: age, limit: limit)
    }
  }

  public func check() throws(StoreError) {
    try faults.perform(.check) { () throws(StoreError) in }
  }

  public var statistics: StoreStatistics { state.withLock { $0.statistics } }

  public func close() {
    faults.disconnect(isReachable: false)
    state.withLock { $0.isClosed = true }
  }
}

import StoreSupport
import SystemCalls

@testable import SessionStore

/// What a daemon does with a shared store, without all else: it keeps what it has loaded or committed until it hears that
/// others have changed it, and trusts nothing of which it heard while it was on its way.
final class CachingDaemon: StoreListener {
  private struct State {
    var records: [[UInt8]: StoredRecord?] = [:]
    /// Ids on their way, and whether something was heard of them meanwhile.
    var flights: [[UInt8]: Bool] = [:]
    var heard: Set<[UInt8]> = []
    var hits = 0
  }

  private let state = Guarded(State())

  func changed(_ ids: [[UInt8]]) {
    state.withLock { state in
      for id in ids {
        state.records[id] = nil
        if state.flights[id] != nil { state.flights[id] = true }
        state.heard.insert(id)
      }
    }
  }

  func missedChanges() {
    state.withLock { state in
      state.records = [:]
      for id in state.flights.keys { state.flights[id] = true }
    }
  }

  func lost(_ reason: String) { missedChanges() }

  func hasHeard(of id: [UInt8]) -> Bool { state.withLock { $0.heard.contains(id) } }
  var hits: Int { state.withLock { $0.hits } }
  var records: [[UInt8]: StoredRecord?] { state.withLock { $0.records } }

  /// Out of memory, or else from the store.
  func read(_ id: [UInt8], _ store: RedisStore) throws -> StoredRecord? {
    let kept = state.withLock { state -> StoredRecord?? in
      guard let record = state.records[id] else { return nil }
      state.hits += 1
      return record
    }
    if let kept { return kept }
    for _ in 0..<1000 {
      begin(id)
      let record = try store.records([id])[0]
      if end(id, with: record) { return record }
    }
    throw TestTrouble("loaded in vain a thousand times")
  }

  /// Makes a change; keeps what has become of it.
  func apply(
    _ change: StoreChange, _ store: RedisStore, result: (UInt64) -> StoredRecord?
  ) throws -> StoreOutcome {
    begin(change.id)
    let outcome = try store.apply([change], sync: true)[0]
    if case .done(let version) = outcome {
      _ = end(change.id, with: result(version))
    } else {
      forget(change.id)
    }
    return outcome
  }

  private func begin(_ id: [UInt8]) { state.withLock { $0.flights[id] = false } }

  /// Whether it may be kept.
  private func end(_ id: [UInt8], with record: StoredRecord?) -> Bool {
    state.withLock { state in
      guard state.flights.removeValue(forKey: id) == false else {
        state.records[id] = nil
        return false
      }
      state.records[id] = .some(record)
      return true
    }
  }

  private func forget(_ id: [UInt8]) {
    state.withLock { state in
      state.flights[id] = nil
      state.records[id] = nil
    }
  }
}

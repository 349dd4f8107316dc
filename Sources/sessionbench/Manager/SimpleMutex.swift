import SystemCalls

/// The original's baseline: sessions behind one mutex, each of them a record in a store. Every use loads the record,
/// decodes it, encodes it with the time of the use, and saves it, as one transaction.
final class SimpleMutex: Sendable {
  private struct State {
    let table: RecordTable
    let coding: RecordCoding
  }

  private let state: Guarded<State>
  private let idle: Int

  /// - Parameters:
  ///   - path: of the database file.
  ///   - idle: after so many milliseconds without use a session is over.
  init(_ path: String, idle: Int) throws {
    self.idle = idle
    state = Guarded(State(table: try RecordTable(path), coding: RecordCoding()))
  }

  /// Makes the session of this id anew, as `sessionbench fill` makes it.
  func create(_ id: String) throws {
    try state.withLock { state in
      try state.coding.withEncoded(SessionRecord(id, idle: idle, at: Self.now())) { json in
        try state.table.save(id, json)
      }
    }
  }

  /// Uses a session, and perhaps changes it.
  ///
  /// - Returns: what `body` returns; nothing where there is no such session.
  func use<Result>(_ id: String, _ body: (inout SessionRecord) throws -> Result) throws -> Result? {
    try state.withLock { state in
      let (table, coding) = (state.table, state.coding)
      return try table.transaction { () throws -> Result? in
        let now = Self.now()
        guard var record = try table.load(id, coding.decode), !record.isOver(at: now) else { return nil }
        let result = try body(&record)
        record.used = now
        try coding.withEncoded(record) { json in try table.save(id, json) }
        return result
      }
    }
  }

  /// Loads and decodes a record and saves nothing: what a cache in front of the store does when it has not got it.
  func load(_ id: String) throws -> SessionRecord? {
    try state.withLock { state in try state.table.load(id, state.coding.decode) }
  }

  private static func now() -> Int { Int(BootClock.system.wallClock() / 1_000_000) }
}

extension SimpleMutex: SessionKeeper {
  func read(_ id: String) throws -> String? {
    try use(id) { $0.profile }
  }

  func write(_ id: String, _ value: String) throws {
    guard try use(id, { $0.profile = value }) != nil else { throw BenchmarkFailure.wrong(id) }
  }
}

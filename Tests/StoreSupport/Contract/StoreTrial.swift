public import SessionStore

/// What a case of the contract has at its disposal: an open, empty store and the clock that it goes by.
public struct StoreTrial: Sendable {
  public let store: any Store
  /// Nanoseconds since 1970.
  let now: @Sendable () -> Int64
  /// Lets so many seconds go by, or a little more.
  let advance: @Sendable (Double) -> Void

  public init(
    _ store: any Store, now: @escaping @Sendable () -> Int64, advance: @escaping @Sendable (Double) -> Void
  ) {
    self.store = store
    self.now = now
    self.advance = advance
  }

  public init(_ store: any Store, clock: StoreClock) {
    self.init(store, now: { clock.now }, advance: { clock.advance(seconds: $0) })
  }

  func expect<Value: Equatable>(_ actual: Value, _ expected: Value, line: Int = #line) throws {
    guard actual != expected else { return }
    throw StoreDiscrepancy("line \(line): \(brief(actual)), and not \(brief(expected))")
  }

  func expect(_ condition: Bool, _ what: String, line: Int = #line) throws {
    guard condition else { throw StoreDiscrepancy("line \(line): not \(what)") }
  }

  private func brief<Value>(_ value: Value) -> String { String("\(value)".prefix(500)) }
}

/// What a store did in another way than the contract says.
public struct StoreDiscrepancy: Error, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

extension StoreTrial {
  /// A session that was made and used now and lives for an hour.
  func session(
    _ id: String, version: UInt64 = 1, tags: [String] = [], fields: [(key: String, value: [UInt8])] = [],
    ttl: Double = 3600
  ) -> StoredRecord {
    let time = now()
    return StoredRecord(
      id: Array(id.utf8), version: version, created: time, ttl: Int64(ttl * 1e9),
      deadline: time + Int64(ttl * 1e9), tags: tags.map { Array($0.utf8) },
      fields: fields.map { (Array($0.key.utf8), $0.value) })
  }

  /// Saves records, whatever was there.
  ///
  /// - Returns: their versions.
  @discardableResult
  func save(_ records: StoredRecord..., line: Int = #line) throws -> [UInt64] {
    try save(records, line: line)
  }

  @discardableResult
  func save(_ records: [StoredRecord], line: Int = #line) throws -> [UInt64] {
    try store.apply(records.map { .save($0, replacing: nil) }, sync: false).map { outcome in
      guard case .done(let version) = outcome else { throw StoreDiscrepancy("line \(line): a conflict") }
      return version
    }
  }

  func load(_ id: String) throws -> StoredRecord? {
    let records = try store.records([Array(id.utf8)])
    try expect(records.count, 1)
    return records[0]
  }

  func apply(_ change: StoreChange, sync: Bool = false) throws -> StoreOutcome {
    let outcomes = try store.apply([change], sync: sync)
    try expect(outcomes.count, 1)
    return outcomes[0]
  }

  /// All pages of a listing; the elements in the order in which they came.
  func all<Element>(
    _ page: (StoreCursor?) throws(StoreError) -> StorePage<Element>
  ) throws -> [Element] {
    var elements: [Element] = []
    var cursor: StoreCursor?
    for _ in 0..<100_000 {
      let part = try page(cursor)
      elements += part.elements
      guard let next = part.next else { return elements }
      try expect(next.bytes.count <= 255 && !next.bytes.contains { $0 < 32 }, "a cursor that fits a line")
      cursor = next
    }
    throw StoreDiscrepancy("a listing without end")
  }

  func ids(_ selection: StoreSelection, limit: Int = 100) throws -> [String] {
    try all { cursor throws(StoreError) in try store.ids(selection, from: cursor, limit: limit) }
      .map { String(decoding: $0, as: UTF8.self) }
      .sorted()
  }

  func recent(limit: Int = 100) throws -> [StoredRecord] {
    try all { cursor throws(StoreError) in try store.recent(from: cursor, limit: limit) }
  }
}

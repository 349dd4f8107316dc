/// The connection that reads, with its statements. What it answers was proved by the checksum of its row.
final class SQLiteReader {
  private let connection: SQLiteConnection
  private let byID: SQLiteStatement
  private let bySpan: SQLiteStatement
  private let byUse: SQLiteStatement
  private let byPrefix: SQLiteStatement
  private let byTag: SQLiteStatement
  /// Rows that were met and were not what had been written.
  private(set) var damaged: DamagedIDs

  /// - Parameter damaged: what readers before it have met.
  init(_ connection: SQLiteConnection, damaged: DamagedIDs) throws(SQLiteFailure) {
    self.connection = connection
    self.damaged = damaged
    let row = "SELECT \(SessionRow.columns) FROM session"
    byID = try connection.statement("\(row) WHERE id = ?1")
    // Two statements for one order: with OR between them SQLite would pass over all of a span that was read before.
    bySpan = try connection.statement(
      "\(row) WHERE use_span = ?1 AND n < ?2 AND deadline > ?3 ORDER BY n DESC")
    byUse = try connection.statement(
      "\(row) WHERE use_span < ?1 AND deadline > ?2 ORDER BY use_span DESC, n DESC")
    byPrefix = try connection.statement(
      "\(row) WHERE id >= ?1 AND id < ?2 AND kind = 0 AND deadline > ?3 ORDER BY id")
    // CROSS JOIN: in the order of the tag's rows, so that a page costs what is on it.
    byTag = try connection.statement(
      """
      SELECT \(SessionRow.columns) FROM tag CROSS JOIN session ON session.n = tag.n
      WHERE tag.tag = ?1 AND tag.n > ?2 AND kind = 0 AND deadline > ?3 ORDER BY tag.n
      """)
  }

  func check() throws(SQLiteFailure) { _ = try connection.integer("SELECT last_version FROM head") }

  /// All ids in one transaction, so that a rename is seen whole or not at all; or the first ones, if they are large.
  func load(_ ids: [[UInt8]], at now: Int64) throws(SQLiteFailure) -> [StoreFinding] {
    if ids.count == 1 { return [try load(ids[0], now)] }
    try connection.execute("BEGIN")
    var findings: [StoreFinding] = []
    findings.reserveCapacity(ids.count)
    do throws(SQLiteFailure) {
      var bytes = 0
      for id in ids where bytes < StoreLimits.answerBytes {
        let finding = try load(id, now)
        bytes += finding.record?.body.count ?? 0
        findings.append(finding)
      }
      try connection.execute("COMMIT")
    } catch {
      connection.rollBack()
      throw error
    }
    return findings
  }

  private func load(_ id: [UInt8], _ now: Int64) throws(SQLiteFailure) -> StoreFinding {
    try byID.bind(1, id)
    guard try byID.step() else { return .nothing }
    defer { byID.reset() }
    guard let record = SessionRow.record(in: byID), record.id == id else {
      // Whatever its deadline seems to be.
      damaged.note(id)
      return .damaged
    }
    return record.deadline > now ? .record(record) : .nothing
  }

  func recent(
    from cursor: StoreCursor?, limit: Int, at now: Int64
  ) throws(SQLiteFailure) -> StorePage<StoredRecord> {
    var span = Int64.max
    if let cursor {
      guard let place = Self.place(cursor) else { return StorePage([], next: nil) }
      span = place.span
      try bySpan.bind(1, span)
      try bySpan.bind(2, place.number)
      try bySpan.bind(3, now)
      var rest = try recent(bySpan, limit)
      if rest.next == nil { rest.next = Self.cursor(span, .min) }
      guard rest.elements.isEmpty else { return rest }
    }
    try byUse.bind(1, span)
    try byUse.bind(2, now)
    return try recent(byUse, limit)
  }

  private func recent(
    _ rows: borrowing SQLiteStatement, _ limit: Int
  ) throws(SQLiteFailure) -> StorePage<StoredRecord> {
    try page(of: rows, limit, bytesMost: StoreLimits.answerBytes) { record, number in
      (record, Self.cursor(SessionSpans(of: record).use, number))
    }
  }

  /// What was read last: a row, in the order of spans and then of numbers, both from the last to the first.
  private static func cursor(_ span: Int64, _ number: Int64) -> StoreCursor {
    StoreCursor(Array("\(span):\(number)".utf8))
  }

  private static func place(_ cursor: StoreCursor) -> (span: Int64, number: Int64)? {
    let parts = String(decoding: cursor.bytes, as: UTF8.self).split(separator: ":")
    guard parts.count == 2, let span = Int64(parts[0]), let number = Int64(parts[1]) else { return nil }
    return (span, number)
  }

  func ids(
    withPrefix prefix: [UInt8], from cursor: StoreCursor?, limit: Int, at now: Int64
  ) throws(SQLiteFailure) -> StorePage<[UInt8]> {
    // The first id behind another one is that one with a zero.
    let next = cursor.map { $0.bytes + [0] } ?? []
    try byPrefix.bind(1, next.lexicographicallyPrecedes(prefix) ? prefix : next)
    try byPrefix.bind(2, Self.end(of: prefix))
    try byPrefix.bind(3, now)
    return try page(of: byPrefix, limit) { record, _ in (record.id, StoreCursor(record.id)) }
  }

  /// What is behind all that begins with the prefix. No id has a byte of all ones in it.
  private static func end(of prefix: [UInt8]) -> [UInt8] {
    var end = prefix
    while let last = end.popLast() {
      if last < 0xFF { return end + [last + 1] }
    }
    return [0xFF]
  }

  func ids(
    taggedWith tag: [UInt8], from cursor: StoreCursor?, limit: Int, at now: Int64
  ) throws(SQLiteFailure) -> StorePage<[UInt8]> {
    var number = Int64.min
    if let cursor {
      guard let last = Int64(String(decoding: cursor.bytes, as: UTF8.self)) else {
        return StorePage([], next: nil)
      }
      number = last
    }
    try byTag.bind(1, tag)
    try byTag.bind(2, number)
    try byTag.bind(3, now)
    return try page(of: byTag, limit) { record, number in
      // A row of `tag` may have stayed behind when a damaged session was replaced.
      record.tags.contains(tag) ? (record.id, StoreCursor(Array("\(number)".utf8))) : nil
    }
  }

  /// The elements that rows make, up to a limit; and the cursor of the last one unless that was all.
  ///
  /// - Parameter bytesMost: of records behind which the page ends.
  private func page<Element>(
    of rows: borrowing SQLiteStatement, _ limit: Int, bytesMost: Int = .max,
    _ element: (StoredRecord, Int64) -> (element: Element, cursor: StoreCursor)?
  ) throws(SQLiteFailure) -> StorePage<Element> {
    var page = StorePage<Element>([], next: nil)
    var last: StoreCursor?
    var bytes = 0
    while try rows.step() {
      if page.elements.count >= limit || bytes >= bytesMost {
        page.next = last
        rows.reset()
        break
      }
      guard let record = SessionRow.record(in: rows) else {
        damaged.note(SessionRow.id(in: rows))
        continue
      }
      guard let made = element(record, SessionRow.number(in: rows)) else { continue }
      page.elements.append(made.element)
      last = made.cursor
      bytes += record.body.count
    }
    return page
  }
}

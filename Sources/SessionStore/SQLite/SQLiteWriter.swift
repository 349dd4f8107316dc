import CSQLite

/// The connection that writes, with its statements. All changes of a call are one transaction.
final class SQLiteWriter {
  let connection: SQLiteConnection
  private let find: SQLiteStatement
  private let read: SQLiteStatement
  private let insert: SQLiteStatement
  private let update: SQLiteStatement
  /// The same where the indexes have nothing to hear of.
  private let updateInPlace: SQLiteStatement
  private let delete: SQLiteStatement
  private let insertTag: SQLiteStatement
  private let deleteTag: SQLiteStatement
  private let expired: SQLiteStatement
  private let updateHead: SQLiteStatement
  private(set) var head: SQLiteHead
  /// What `PRAGMA synchronous` was set to last.
  private var isSynced: Bool?

  init(_ connection: SQLiteConnection) throws(SQLiteFailure) {
    self.connection = connection
    head = try SQLiteHead.read(from: connection)
    find = try connection.statement("SELECT n, tags, id, end_span, use_span FROM session WHERE id = ?1")
    read = try connection.statement("SELECT \(SessionRow.columns) FROM session WHERE id = ?1")
    insert = try connection.statement(
      """
      INSERT INTO session
      (kind, version, created, ttl, deadline, tag_count, field_count, checksum, tags, fields, id, end_span, use_span)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """)
    let setting =
      """
      UPDATE session SET kind = ?1, version = ?2, created = ?3, ttl = ?4, deadline = ?5, tag_count = ?6,
      field_count = ?7, checksum = ?8, tags = ?9, fields = ?10
      """
    update = try connection.statement("\(setting), id = ?11, end_span = ?12, use_span = ?13 WHERE n = ?14")
    updateInPlace = try connection.statement("\(setting) WHERE n = ?11")
    delete = try connection.statement("DELETE FROM session WHERE n = ?1")
    insertTag = try connection.statement("INSERT OR IGNORE INTO tag VALUES (?1, ?2)")
    deleteTag = try connection.statement("DELETE FROM tag WHERE tag = ?1 AND n = ?2")
    expired = try connection.statement(
      "SELECT n, tags FROM session WHERE end_span <= ?1 AND deadline <= ?2 ORDER BY end_span LIMIT ?3")
    updateHead = try connection.statement(SQLiteHead.updating)
  }

  /// Says in the file that it is open, and what versions its daemon may give. Survives a power cut.
  ///
  /// - Parameter storeID: another number for the store; nil: it keeps its own.
  func markOpen(as storeID: UInt64?) throws(SQLiteFailure) {
    var head = self.head
    if let storeID { head.storeID = storeID }
    head.isClean = false
    head.reserveVersions()
    try change(to: head)
  }

  /// Says in the file that it was closed. Survives a power cut.
  func markClosed() throws(SQLiteFailure) {
    var head = self.head
    head.isClean = true
    try change(to: head)
  }

  func facts(remark: String?) -> StoreFacts {
    StoreFacts(
      id: head.storeID, lastVersion: head.lastVersion, reservedVersion: head.reservedVersion, remark: remark)
  }

  /// Writes what is there already, to see whether changes can be made.
  func probe() throws(SQLiteFailure) {
    try setSynced(true)
    try connection.write { () throws(SQLiteFailure) in
      // An update that changes nothing is no write for SQLite, and goes well on a full disk.
      var other = head
      other.isClean.toggle()
      try other.update(by: updateHead)
      try head.update(by: updateHead)
    }
  }

  private func change(to head: SQLiteHead) throws(SQLiteFailure) {
    try setSynced(true)
    try connection.write { () throws(SQLiteFailure) in try head.update(by: updateHead) }
    self.head = head
  }

  /// - Parameter commitFailed: told that it was the commit that failed.
  func apply(
    _ changes: [StoreChange], sync: Bool, commitFailed: inout Bool
  ) throws(SQLiteFailure) -> [StoreOutcome] {
    guard !changes.isEmpty else { return [] }
    try setSynced(sync)
    var head = self.head
    let outcomes = try connection.write(commitFailed: &commitFailed) { () throws(SQLiteFailure) in
      var outcomes: [StoreOutcome] = []
      outcomes.reserveCapacity(changes.count)
      for change in changes { outcomes.append(try make(change, &head.lastVersion)) }
      if head.lastVersion > self.head.lastVersion { try head.update(by: updateHead) }
      return outcomes
    }
    self.head = head
    return outcomes
  }

  private func make(
    _ change: StoreChange, _ lastVersion: inout UInt64
  ) throws(SQLiteFailure) -> StoreOutcome {
    switch change {
    case .save(let record, _, _):
      try save(record)
      lastVersion = max(lastVersion, record.version)
      return .done(version: record.version)
    case .rename(let ending, let session, _, _):
      try save(ending)
      try save(session)
      lastVersion = max(lastVersion, ending.version, session.version)
      return .done(version: session.version)
    case .remove(let id, _):
      try remove(id)
      return .done(version: 0)
    case .extend(let id, let version, let ttl, let deadline):
      return try extend(id, version, ttl, to: deadline)
    }
  }

  private func save(_ record: StoredRecord) throws(SQLiteFailure) {
    let tags = record.body.prefix(Int(record.tagBytes))
    let spans = SessionSpans(of: record)
    guard let row = try row(of: record.id) else {
      try bind(record, tags, to: insert)
      try insert.bind(11, record.id)
      try bind(spans, to: insert)
      try insert.run()
      try changeTags(of: sqlite3_last_insert_rowid(connection.handle), from: [], to: tags)
      return
    }
    if row.spans == spans {
      try bind(record, tags, to: updateInPlace)
      try updateInPlace.bind(11, row.number)
      try updateInPlace.run()
    } else {
      try bind(record, tags, to: update)
      try update.bind(11, record.id)
      try bind(spans, to: update)
      try update.bind(14, row.number)
      try update.run()
    }
    try changeTags(of: row.number, from: row.tags[...], to: tags)
  }

  private func bind(
    _ record: StoredRecord, _ tags: ArraySlice<UInt8>, to statement: borrowing SQLiteStatement
  ) throws(SQLiteFailure) {
    try statement.bind(1, Int64(record.kind.rawValue))
    try statement.bind(2, Int64(clamping: record.version))
    try statement.bind(3, record.created)
    try statement.bind(4, record.ttl)
    try statement.bind(5, record.deadline)
    try statement.bind(6, Int64(record.tagCount))
    try statement.bind(7, Int64(record.fieldCount))
    try statement.bind(8, RowChecksum.of(record))
    try statement.bind(9, tags)
    try statement.bind(10, record.body.dropFirst(tags.count))
  }

  private func bind(_ spans: SessionSpans, to statement: borrowing SQLiteStatement) throws(SQLiteFailure) {
    try statement.bind(12, spans.end)
    try statement.bind(13, spans.use)
  }

  /// - Returns: also the spans that the indexes know; nil if they have to be told anew.
  private func row(of id: [UInt8]) throws(SQLiteFailure) -> (
    number: Int64, tags: [UInt8], spans: SessionSpans?
  )? {
    try find.bind(1, id)
    guard try find.step() else { return nil }
    defer { find.reset() }
    // A damaged row that the index leads to may have another id in it, which is to be mended.
    let isWhole = find.withBytes(2) { $0.elementsEqual(id) }
    return (
      find.integer(0), find.bytes(1),
      isWhole ? SessionSpans(end: find.integer(3), use: find.integer(4)) : nil
    )
  }

  private func remove(_ id: [UInt8]) throws(SQLiteFailure) {
    guard let row = try row(of: id) else { return }
    try delete(row.number, tags: row.tags)
  }

  private func delete(_ number: Int64, tags: [UInt8]) throws(SQLiteFailure) {
    try changeTags(of: number, from: tags[...], to: [])
    try delete.bind(1, number)
    try delete.run()
  }

  private func extend(
    _ id: [UInt8], _ version: UInt64, _ ttl: Int64?, to deadline: Int64
  ) throws(SQLiteFailure) -> StoreOutcome {
    try read.bind(1, id)
    guard try read.step() else { return .conflict }
    let found = SessionRow.record(in: read)
    read.reset()
    guard var record = found else { return .damaged }
    // The whole row of another session, to which a damaged index leads, is not to be written over.
    guard record.id == id, record.version == version, record.ttl == ttl ?? record.ttl else {
      return .conflict
    }
    guard record.deadline < deadline else { return .done(version: version) }
    record.deadline = deadline
    try save(record)
    return .done(version: version)
  }

  /// Makes the rows of `tag` follow a change of a session's own tags, which mostly are none.
  private func changeTags(
    of number: Int64, from old: ArraySlice<UInt8>, to new: ArraySlice<UInt8>
  ) throws(SQLiteFailure) {
    guard old != new else { return }
    let (before, after) = (StoredRecord.tags(in: old), StoredRecord.tags(in: new))
    for tag in before where !after.contains(tag) {
      try deleteTag.bind(1, tag)
      try deleteTag.bind(2, number)
      try deleteTag.run()
    }
    for tag in after where !before.contains(tag) {
      try insertTag.bind(1, tag)
      try insertTag.bind(2, number)
      try insertTag.run()
    }
  }

  func deleteEnded(by moment: Int64, limit: Int) throws(SQLiteFailure) -> Int {
    try setSynced(false)
    return try connection.write { () throws(SQLiteFailure) in
      var rows: [(number: Int64, tags: [UInt8])] = []
      try expired.bind(1, SessionSpans.span(of: moment))
      try expired.bind(2, moment)
      try expired.bind(3, Int64(limit))
      while try expired.step() { rows.append((expired.integer(0), expired.bytes(1))) }
      for row in rows { try delete(row.number, tags: row.tags) }
      return rows.count
    }
  }

  /// FULL: a commit returns when the log is on the disk. NORMAL: it is so before the log is moved into the file.
  private func setSynced(_ isSynced: Bool) throws(SQLiteFailure) {
    guard isSynced != self.isSynced else { return }
    let level: Int64 = isSynced ? 2 : 1
    try connection.execute("PRAGMA synchronous = \(level)")
    // SQLite ignores what it does not like in a pragma.
    guard try connection.integer("PRAGMA synchronous") == level else {
      throw SQLiteFailure(SQLITE_MISUSE, "synchronous can't be set")
    }
    self.isSynced = isSynced
  }
}

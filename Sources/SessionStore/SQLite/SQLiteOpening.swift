import CSQLite
import SystemCalls

/// How a database comes to be open: made, checked, brought up to date, or set aside.
struct SQLiteOpening {
  let path: String
  let timeout: Int64
  let clock: BootClock
  /// What is known of the files, and of what is in them, from when it was open last.
  let condition: SQLiteCondition
  /// The number of a store that is made, or is not the one that was open; not zero.
  let storeID: UInt64

  /// How long the log may stay on the disk after it was moved into the file, however long it once was.
  private static let logBytesKept = 67_108_864
  /// Room for pages in memory: the writer's are those of a batch.
  private static let writerCacheKiB = 16_384
  private static let readerCacheKiB = 4096

  /// An open database. Whoever has it closes it.
  struct Result {
    let writer: SQLiteWriter
    let reader: SQLiteReader
    /// What was done to a damaged or lost file.
    var remark: String?
  }

  private enum Attempt {
    case opened(Result)
    case refused(SQLiteSchema.Finding)
    case failed(SQLiteFailure)
  }

  func perform(on files: SQLiteFiles) throws(StoreError) -> Result {
    if case .gone(let leavesLog) = condition.loss {
      try files.setAsideLog(isOld: leavesLog, at: clock.wallClock())
    }
    var isKnown = true
    let origin = try files.prepare()
    if origin == .found {
      let finding = inspect(files)
      if let finding, finding.isRefused { throw Self.refusal(of: finding, at: path) }
      isKnown = finding != nil
      if isKnown || files.isOurs { try files.protect() }
    }
    let failure: SQLiteFailure
    switch attempt() {
    case .opened(var result):
      try finish(files)
      result.remark = remark(origin)
      return result
    case .refused(let finding): throw Self.refusal(of: finding, at: path)
    case .failed(let error):
      guard error.isDamage || error.kind == SQLITE_READONLY && files.hasUnknownFormat else {
        throw .unavailable("\(path): \(error)", isDecided: true)
      }
      failure = error
    }
    // What SQLite can't make sense of may be anybody's.
    guard isKnown || files.isOurs else { throw Self.unknown(path, failure) }
    let name = try files.setAside(at: clock.wallClock())
    _ = try files.prepare()
    switch attempt() {
    case .opened(var result):
      try finish(files)
      result.remark = "\(path) was damaged (\(failure.text)); it is \(name) now, and a new one was begun"
      return result
    case .refused(let finding): throw Self.refusal(of: finding, at: path)
    case .failed(let error): throw .unavailable("\(path): \(error)", isDecided: true)
    }
  }

  private func remark(_ origin: SQLiteFiles.Origin) -> String? {
    switch (condition.loss, origin) {
    case (.present, _): nil
    case (_, .made):
      "\(path) was deleted or moved away while it was open; a new one was begun, with what is in memory"
    case (.gone, .found):
      "\(path) was replaced while it was open; what is in memory is saved to what is there now"
    case (.incomplete, .found):
      "a file beside \(path) was deleted, moved away or replaced while it was open; what is in memory is saved again"
    }
  }

  private func finish(_ files: SQLiteFiles) throws(StoreError) {
    try files.protect()
    files.markOurs()
  }

  private func attempt() -> Attempt {
    do throws(SQLiteFailure) {
      return try open()
    } catch {
      return .failed(error)
    }
  }

  private func open() throws(SQLiteFailure) -> Attempt {
    let connection = try SQLiteConnection(path, .work, busyTimeout: timeout)
    // Until it is known to be ours, nothing is moved into it.
    connection.setMovesLog(false)
    let finding = try SQLiteSchema.inspect(connection)
    if finding.isRefused { return .refused(finding) }
    var version: Int64 = 0
    if case .ours(let found) = finding { version = found }
    guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
      throw SQLiteFailure(SQLITE_CANTOPEN, "it can't have a write-ahead log")
    }
    try configure(connection, cacheKiB: Self.writerCacheKiB)
    if version > 0 {
      let wasClosed = try SQLiteHead.read(from: connection).isClean
      if condition.isSuspect || !wasClosed { try proveWhole(connection) }
    }
    connection.setMovesLog(true)
    try SQLiteSchema.migrate(connection, from: version, storeID: storeID)
    let writer = try SQLiteWriter(connection)
    // Whoever knows it by its number believes that it has what it may not have.
    try writer.markOpen(as: condition.loss == .present ? nil : storeID)
    // Into the file itself: parts of the log may be moved later, and the log lost.
    try connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
    let reading = try SQLiteConnection(path, .work, busyTimeout: timeout)
    try configure(reading, cacheKiB: Self.readerCacheKiB)
    try reading.execute("PRAGMA query_only = ON")
    return .opened(Result(writer: writer, reader: try SQLiteReader(reading, damaged: condition.damaged)))
  }

  private func configure(_ connection: SQLiteConnection, cacheKiB: Int) throws(SQLiteFailure) {
    // What sessions held is overwritten when they go; a damaged page is recognised before it is believed; a file that
    // is cut short is an error and not a SIGBUS.
    try connection.execute(
      """
      PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -\(cacheKiB); PRAGMA journal_size_limit = \(Self.logBytesKept)
      """)
  }

  /// - Throws: SQLITE_CORRUPT with the first thing that is wrong with the file.
  private func proveWhole(_ connection: SQLiteConnection) throws(SQLiteFailure) {
    let finding = try connection.text("PRAGMA integrity_check(1)")
    guard finding == "ok" else { throw SQLiteFailure(SQLITE_CORRUPT, finding) }
  }

  /// What a file is; it is not changed by looking. nil where that can't be told: opening it will say why.
  private func inspect(_ files: SQLiteFiles) -> SQLiteSchema.Finding? {
    do throws(SQLiteFailure) {
      return try SQLiteSchema.inspect(SQLiteConnection(path, .inspection, busyTimeout: timeout))
    } catch {
      // Ours, cut short, for one, and all beside it lost.
      return SQLiteSchema.inspect(head: files.head)
    }
  }

  /// What SQLite can't make sense of, and nothing says that it is ours.
  static func unknown(_ path: String, _ failure: SQLiteFailure) -> StoreError {
    .unfit("\(path): it is no database, or a damaged one that may be another program's (\(failure.text))")
  }

  /// What is somebody else's.
  static func refusal(of finding: SQLiteSchema.Finding, at path: String) -> StoreError {
    if case .newer(let version) = finding {
      return .unfit(
        "\(path): it has version \(version), and this program knows up to \(SQLiteSchema.version)")
    }
    return .unfit("\(path): it is a database of another program")
  }
}

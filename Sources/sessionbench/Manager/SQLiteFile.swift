import CSQLite

/// A connection to a database file, closed with its last reference. For one thread at a time.
final class SQLiteFile {
  let handle: OpaquePointer
  private let path: String

  /// How long it waits for another process, in milliseconds.
  private static let busyMilliseconds: Int32 = 5000

  /// Opens the file, or makes it.
  init(_ path: String) throws {
    var handle: OpaquePointer?
    // Whoever uses it has a lock of its own, so that SQLite need not have one.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle else {
      let failure = Self.failure(path, code, handle)
      sqlite3_close_v2(handle)
      throw failure
    }
    self.handle = handle
    self.path = path
    sqlite3_busy_timeout(handle, Self.busyMilliseconds)
  }

  deinit {
    // Statements that are still there keep it until they are finalized.
    sqlite3_close_v2(handle)
  }

  func execute(_ sql: String) throws {
    try check(sqlite3_exec(handle, sql, nil, nil, nil))
  }

  /// Ends a transaction that an error has not ended by itself.
  func rollBack() {
    // The error that led here is the one that is reported.
    if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }

  func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw failure(code) }
  }

  func failure(_ code: Int32) -> BenchmarkFailure { Self.failure(path, code, handle) }

  private static func failure(_ path: String, _ code: Int32, _ handle: OpaquePointer?) -> BenchmarkFailure {
    let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    return BenchmarkFailure("\(path): \(text) (SQLite's code \(code))")
  }
}

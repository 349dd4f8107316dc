import CSQLite
import SystemCalls

/// A connection to a database file, closed with its last reference. For one thread at a time.
final class SQLiteConnection {
  /// What the file is opened for.
  enum Purpose {
    /// To look at a file that must not change by it, not even a byte: without locks, and without its log.
    case inspection
    case work
  }

  let handle: OpaquePointer
  /// How many pages the log had after the last commit of this connection.
  let logPages = SQLiteLogPages()

  /// - Parameter busyTimeout: how long it waits for another connection's lock, in nanoseconds.
  init(_ path: String, _ purpose: Purpose, busyTimeout: Int64) throws(SQLiteFailure) {
    var handle: OpaquePointer?
    // One thread at a time, so that SQLite need not lock. Extended codes tell a failed sync from a failed read.
    let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code =
      switch purpose {
      case .work: sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | common, nil)
      case .inspection:
        sqlite3_open_v2(
          "file:\(Self.escaped(path))?immutable=1", &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | common,
          nil)
      }
    guard code == SQLITE_OK, let handle else {
      let failure = SQLiteFailure(code, of: handle)
      sqlite3_close_v2(handle)
      throw failure
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, Int32(clamping: busyTimeout / 1_000_000))
    // What is in a damaged file's schema is not obeyed.
    sqlite_switch(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    sqlite_switch(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    // Also ends the automatic checkpoints: SQLiteCheckpointer makes them. The object lives as long as the connection.
    sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        Unmanaged<SQLiteLogPages>.fromOpaque(context!).takeUnretainedValue().count = Int(pages)
        return SQLITE_OK
      }, Unmanaged.passUnretained(logPages).toOpaque())
    if purpose == .work, sqlite3_db_readonly(handle, "main") != 0 {
      throw SQLiteFailure(SQLITE_READONLY, "opened for reading only")
    }
  }

  deinit {
    // Statements that are still there keep it until they are finalized.
    sqlite3_close_v2(handle)
  }

  /// Whether closing moves the log into the file and deletes it, which SQLite does unless it is told not to.
  func setMovesLog(_ isMoved: Bool) {
    sqlite_switch(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isMoved ? 0 : 1)
  }

  func execute(_ sql: String) throws(SQLiteFailure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteFailure(code, of: handle) }
  }

  func statement(_ sql: String) throws(SQLiteFailure) -> SQLiteStatement {
    try SQLiteStatement(sql, on: handle)
  }

  /// The first column of the first row.
  func integer(_ sql: String) throws(SQLiteFailure) -> Int64 {
    let statement = try statement(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// The first column of the first row.
  func text(_ sql: String) throws(SQLiteFailure) -> String {
    let statement = try statement(sql)
    return try statement.step() ? statement.text(0) : ""
  }

  /// Runs `body` in a transaction that writes, and takes everything back if it throws.
  ///
  /// - Parameter commitFailed: told that it was the commit that failed, after which nobody knows.
  func write<Result>(
    commitFailed: inout Bool, _ body: () throws(SQLiteFailure) -> Result
  ) throws(SQLiteFailure) -> Result {
    try execute("BEGIN IMMEDIATE")
    do throws(SQLiteFailure) {
      let result = try body()
      do throws(SQLiteFailure) {
        try execute("COMMIT")
      } catch {
        commitFailed = true
        throw error
      }
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends a transaction that an error has not ended already. One that can't be ended is never committed: the
  /// connection is not used again after such an error.
  func rollBack() {
    if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }

  func write<Result>(_ body: () throws(SQLiteFailure) -> Result) throws(SQLiteFailure) -> Result {
    var commitFailed = false
    return try write(commitFailed: &commitFailed, body)
  }

  /// Moves pages of the log into the file (sqlite3_wal_checkpoint_v2).
  func checkpoint(_ mode: Int32) throws(SQLiteFailure) {
    let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteFailure(code, of: handle) }
  }

  /// A path in a URI: what has a meaning there is written as its number.
  private static func escaped(_ path: String) -> String {
    path.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"):
        "%" + String(byte, radix: 16)
      default: String(UnicodeScalar(byte))
      }
    }.joined()
  }
}

/// A number that SQLite's hook stores, on the thread that commits.
final class SQLiteLogPages {
  var count = 0
}

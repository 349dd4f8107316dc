import CSQLite

/// A prepared statement that finalizes itself. Its connection must live as long, and both are used by one thread at
/// a time. Parameters count from 1, columns from 0.
struct SQLiteStatement: ~Copyable {
  private let handle: OpaquePointer
  private let connection: OpaquePointer

  /// Prepares `sql`, one statement, to be used many times.
  init(_ sql: String, on connection: OpaquePointer) throws(SQLiteFailure) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw SQLiteFailure(code, of: connection) }
    self.handle = handle
    self.connection = connection
  }

  deinit {
    // Repeats the error of the last step, which was reported by it.
    sqlite3_finalize(handle)
  }

  func bind(_ index: Int32, _ value: Int64) throws(SQLiteFailure) {
    try check(sqlite3_bind_int64(handle, index, value))
  }

  func bind(_ index: Int32, _ bytes: [UInt8]) throws(SQLiteFailure) {
    // SQLite copies the bytes before the call returns.
    try check(bytes.withUnsafeBytes { sqlite_bind_copy(handle, index, $0.baseAddress, UInt64($0.count)) })
  }

  func bind(_ index: Int32, _ bytes: ArraySlice<UInt8>) throws(SQLiteFailure) {
    // As above.
    try check(bytes.withUnsafeBytes { sqlite_bind_copy(handle, index, $0.baseAddress, UInt64($0.count)) })
  }

  /// Goes on to the next row, if there is one. Where there is none, or it fails, the statement is reset.
  func step() throws(SQLiteFailure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    let failure = code == SQLITE_DONE ? nil : SQLiteFailure(code, of: connection)
    reset()
    if let failure { throw failure }
    return false
  }

  /// Runs a statement that has no rows.
  func run() throws(SQLiteFailure) {
    while try step() {}
  }

  /// Ends what `step` began, with the read transaction that it had. The parameters stay.
  func reset() {
    // Repeats the error of the last step, which was reported by it.
    sqlite3_reset(handle)
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

  /// The bytes of a column, which are there until the next step; copied nowhere.
  func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    // The pointer first: asking for it may convert the value, and change its length.
    let start = sqlite3_column_blob(handle, column)
    let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))
    return body(UnsafeRawBufferPointer(start: start, count: count))
  }

  func text(_ column: Int32) -> String { withBytes(column) { String(decoding: $0, as: UTF8.self) } }

  private func check(_ code: Int32) throws(SQLiteFailure) {
    guard code == SQLITE_OK else { throw SQLiteFailure(code, of: connection) }
  }
}

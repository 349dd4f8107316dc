import CSQLite

/// A statement that was prepared once, to be run many times. For one thread at a time.
final class PreparedStatement {
  private let file: SQLiteFile
  private let handle: OpaquePointer

  init(_ sql: String, of file: SQLiteFile) throws {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(file.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw file.failure(code) }
    self.file = file
    self.handle = handle
  }

  deinit {
    // Repeats the error of the last step, which was reported by it.
    sqlite3_finalize(handle)
  }

  /// Gives the parameter of this number, from 1 on, a copy of the bytes.
  func bind(_ number: Int32, _ bytes: UnsafeRawBufferPointer) throws {
    try file.check(sqlite_bind_copy(handle, number, bytes.baseAddress, UInt64(bytes.count)))
  }

  /// Likewise, the bytes of a text.
  func bind(_ number: Int32, _ text: String) throws {
    var text = text
    try text.withUTF8 { try bind(number, UnsafeRawBufferPointer($0)) }
  }

  /// Runs it from its beginning.
  ///
  /// - Parameter body: gets the first column of the first row, which is there for as long as it runs.
  /// - Returns: what `body` returns; nothing where there is no row.
  func first<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
    // Repeats the error of the step.
    defer { sqlite3_reset(handle) }
    switch sqlite3_step(handle) {
    case SQLITE_DONE: return nil
    case SQLITE_ROW:
      // The pointer comes first: asked for it, SQLite may make the count another one.
      let bytes = sqlite3_column_blob(handle, 0)
      return try body(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, 0))))
    case let code: throw file.failure(code)
    }
  }

  /// Runs it for what it does.
  func run() throws {
    _ = try first { _ in }
  }
}

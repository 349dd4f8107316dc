import CSQLite

/// A call of SQLite that failed: its extended result code (sqlite.org/rescode.html) and what it said.
struct SQLiteFailure: Error, CustomStringConvertible {
  let code: Int32
  let text: String

  init(_ code: Int32, _ text: String) {
    self.code = code
    self.text = text
  }

  /// What a connection has to say of a code.
  init(_ code: Int32, of connection: OpaquePointer?) {
    self.init(
      code, connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code)))
  }

  /// The code without its details.
  var kind: Int32 { code & 0xFF }

  /// Whether the file is not what SQLite or this program wrote.
  var isDamage: Bool {
    switch kind {
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_ERROR, SQLITE_SCHEMA: true
    default: false
    }
  }

  /// Whether the connections can go on when it is over. After anything else, such as an I/O error, what they know of
  /// the file may not be what is in it.
  var isPassing: Bool {
    switch kind {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_NOMEM, SQLITE_INTERRUPT: true
    default: false
    }
  }

  var description: String {
    let reason =
      switch kind {
      case SQLITE_BUSY, SQLITE_LOCKED: "another process has locked it"
      case SQLITE_FULL: "there is no space left"
      case SQLITE_READONLY: "it can't be written to"
      case SQLITE_IOERR: "it can't be read or written"
      case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: "it can't be opened"
      case SQLITE_CORRUPT, SQLITE_NOTADB: "it is damaged"
      case SQLITE_NOMEM: "there is no memory left"
      default: "SQLite failed"
      }
    return "\(reason) (\(text), code \(code))"
  }
}

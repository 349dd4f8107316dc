/// Session records in a database file. For one thread at a time.
///
/// The settings are those that SQLite's own documentation recommends to an application: a write-ahead log, which is
/// synchronized when it is moved into the file and not for each commit (`synchronous = NORMAL`), statements that are
/// prepared once, and the rest as it comes.
final class RecordTable {
  private let file: SQLiteFile
  private let beginning: PreparedStatement
  private let commit: PreparedStatement
  private let selection: PreparedStatement
  private let change: PreparedStatement

  init(_ path: String) throws {
    let file = try SQLiteFile(path)
    let mode = try PreparedStatement("PRAGMA journal_mode = WAL", of: file).first {
      String(decoding: $0, as: UTF8.self)
    }
    guard mode == "wal" else { throw BenchmarkFailure("\(path): there can be no write-ahead log here") }
    try file.execute(
      """
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS sessions (id BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID
      """)
    // The lock on the file is taken before the record is read, so that no other process changes it in between.
    beginning = try PreparedStatement("BEGIN IMMEDIATE", of: file)
    commit = try PreparedStatement("COMMIT", of: file)
    selection = try PreparedStatement("SELECT record FROM sessions WHERE id = ?1", of: file)
    change = try PreparedStatement(
      """
      INSERT INTO sessions (id, record) VALUES (?1, ?2)
      ON CONFLICT (id) DO UPDATE SET record = excluded.record
      """, of: file)
    self.file = file
  }

  /// Runs `body` in a transaction, and takes everything back if it throws.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try beginning.run()
    do {
      let result = try body()
      try commit.run()
      return result
    } catch {
      file.rollBack()
      throw error
    }
  }

  /// - Parameter body: gets the record of this id, which is there for as long as it runs.
  /// - Returns: what `body` returns; nothing where there is no record.
  func load<Result>(_ id: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
    try selection.bind(1, id)
    return try selection.first(body)
  }

  func save(_ id: String, _ record: UnsafeRawBufferPointer) throws {
    try change.bind(1, id)
    try change.bind(2, record)
    try change.run()
  }
}

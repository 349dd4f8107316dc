import CSQLite

/// What is in the file, and how files of earlier versions become what this one expects.
///
///     session   a row for each id: n (the row's number), the record, and a checksum over all of it
///     tag       a row for each tag of a session: the tag, and the number of the session's row
///     head      one row: the store's number, the latest version that any record ever had, the latest that may have
///               been given, whether the last one who had the file open closed it, and a checksum
///
/// Tags are kept twice: in the session's row, where the checksum covers them, and in `tag`, to be found by them.
/// Sessions are found by their ids; by their deadlines, to delete them; and by their last use, deadline - ttl, for the
/// warm start. The two last in spans of time only (`SessionSpans`), so that most saves leave their indexes alone: of
/// a session that is saved again the log then takes one page of 4 KiB in the place of four, and the save half the time.
enum SQLiteSchema {
  /// "sesd", in the file's header (sqlite.org/fileformat2.html): what the file is.
  static let applicationID: Int64 = 0x7365_7364
  static var version: Int64 { Int64(migrations.count) }

  /// What a file of version n needs to be one of version n + 1. One with nothing in it has version 0.
  private static let migrations = [
    """
    CREATE TABLE session (
      n INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      kind INTEGER NOT NULL,
      version INTEGER NOT NULL,
      created INTEGER NOT NULL,
      ttl INTEGER NOT NULL,
      deadline INTEGER NOT NULL,
      tag_count INTEGER NOT NULL,
      field_count INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      end_span INTEGER NOT NULL,
      use_span INTEGER NOT NULL,
      tags BLOB NOT NULL,
      fields BLOB NOT NULL
    ) STRICT;
    CREATE INDEX session_end ON session (end_span);
    CREATE INDEX session_use ON session (use_span);
    CREATE TABLE tag (
      tag BLOB NOT NULL,
      n INTEGER NOT NULL,
      PRIMARY KEY (tag, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE head (
      n INTEGER PRIMARY KEY CHECK (n = 1),
      store INTEGER NOT NULL,
      last_version INTEGER NOT NULL,
      reserved_version INTEGER NOT NULL,
      is_clean INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    """
  ]

  /// What a file is, as far as can be told without changing it.
  enum Finding: Equatable {
    case fresh
    /// Ours, of this version or an earlier one.
    case ours(version: Int64)
    case newer(version: Int64)
    case foreign

    /// Whether it is none of our business.
    var isRefused: Bool {
      switch self {
      case .fresh, .ours: false
      case .newer, .foreign: true
      }
    }
  }

  static func inspect(_ connection: SQLiteConnection) throws(SQLiteFailure) -> Finding {
    let application = try connection.integer("PRAGMA application_id")
    let version = try connection.integer("PRAGMA user_version")
    let entries = try connection.integer("SELECT count(*) FROM sqlite_schema")
    if application == applicationID { return finding(version: version) }
    return application == 0 && version == 0 && entries == 0 ? .fresh : .foreign
  }

  /// What the file's first bytes alone say, for one that SQLite can't make sense of: the text that every database
  /// begins with, the version at 60 and the application at 68 (sqlite.org/fileformat2.html, 1.3). nil where they do not
  /// say that it is ours.
  static func inspect(head: [UInt8]) -> Finding? {
    func number(at place: Int) -> Int64 { head[place..<place + 4].reduce(0) { $0 << 8 | Int64($1) } }
    guard head.count >= 72, head.starts(with: "SQLite format 3\0".utf8), number(at: 68) == applicationID
    else { return nil }
    return finding(version: number(at: 60))
  }

  private static func finding(version: Int64) -> Finding {
    version > self.version || version < 1 ? .newer(version: version) : .ours(version: version)
  }

  /// Brings the file up to this version; nothing if it is.
  static func migrate(_ connection: SQLiteConnection, from old: Int64, storeID: UInt64) throws(SQLiteFailure)
  {
    guard old < version else { return }
    try connection.write { () throws(SQLiteFailure) in
      for step in migrations[Int(old)...] { try connection.execute(step) }
      if old == 0 { try SQLiteHead(storeID: storeID).insert(on: connection) }
      try connection.execute("PRAGMA application_id = \(applicationID)")
      try connection.execute("PRAGMA user_version = \(version)")
    }
    // Into the file itself, where who only looks at it, an older program for one, finds the version.
    try connection.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
  }
}

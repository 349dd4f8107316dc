import CSQLite

/// What the file says of itself as a whole: the one row of `head`.
struct SQLiteHead {
  var storeID: UInt64
  var lastVersion: UInt64 = 0
  /// Versions up to this one may have been given. It grows at each opening, by more than a daemon can give before it
  /// saves the first of them: so none is given twice by daemons that lost theirs one after the other.
  private(set) var reservedVersion: UInt64 = 0
  /// Whether who had the file open last closed it.
  var isClean = false

  private static let versionsReserved: UInt64 = 1 << 32
  private static let versionMost: UInt64 = 1 << 53 - 1

  mutating func reserveVersions() {
    // There is room for two million openings.
    reservedVersion = min(max(reservedVersion, lastVersion) + Self.versionsReserved, Self.versionMost)
  }

  init(storeID: UInt64) { self.storeID = storeID }

  private var checksum: Int64 {
    var checksum = RowChecksum()
    checksum.add(storeID)
    checksum.add(lastVersion)
    checksum.add(reservedVersion)
    checksum.add(UInt64(isClean ? 1 : 0))
    return checksum.value
  }

  private func bind(to statement: borrowing SQLiteStatement) throws(SQLiteFailure) {
    try statement.bind(1, Int64(bitPattern: storeID))
    try statement.bind(2, Int64(clamping: lastVersion))
    try statement.bind(3, Int64(clamping: reservedVersion))
    try statement.bind(4, isClean ? 1 : 0)
    try statement.bind(5, checksum)
  }

  func insert(on connection: SQLiteConnection) throws(SQLiteFailure) {
    let statement = try connection.statement("INSERT INTO head VALUES (1, ?1, ?2, ?3, ?4, ?5)")
    try bind(to: statement)
    try statement.run()
  }

  static let updating =
    """
    UPDATE head SET store = ?1, last_version = ?2, reserved_version = ?3, is_clean = ?4, checksum = ?5 WHERE n = 1
    """

  func update(by statement: borrowing SQLiteStatement) throws(SQLiteFailure) {
    try bind(to: statement)
    try statement.run()
  }

  /// - Throws: SQLITE_CORRUPT if the row is not there or not what was written.
  static func read(from connection: SQLiteConnection) throws(SQLiteFailure) -> SQLiteHead {
    let statement = try connection.statement(
      "SELECT store, last_version, reserved_version, is_clean, checksum FROM head")
    guard try statement.step() else { throw SQLiteFailure(SQLITE_CORRUPT, "it has no head") }
    var head = SQLiteHead(storeID: UInt64(bitPattern: statement.integer(0)))
    head.lastVersion = UInt64(bitPattern: statement.integer(1))
    head.reservedVersion = UInt64(bitPattern: statement.integer(2))
    head.isClean = statement.integer(3) != 0
    guard head.checksum == statement.integer(4), head.storeID != 0,
      max(head.lastVersion, head.reservedVersion) <= versionMost
    else {
      throw SQLiteFailure(SQLITE_CORRUPT, "its head is not what was written")
    }
    return head
  }
}

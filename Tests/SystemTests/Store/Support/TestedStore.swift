import Testing

/// What a daemon under test keeps its sessions in.
enum TestedStore: CustomTestStringConvertible {
  case sqliteBehind
  case sqliteThrough
  case redis

  /// Those that can be had everywhere.
  static let sqlite = [sqliteBehind, sqliteThrough]

  var testDescription: String {
    switch self {
    case .sqliteBehind: "SQLite, write-behind"
    case .sqliteThrough: "SQLite, write-through"
    case .redis: "Redis"
    }
  }

  /// Whether everything acknowledged is there when the segment is lost.
  var isThrough: Bool { self != .sqliteBehind }

  /// How often write-behind saves, in seconds.
  static let flushEvery = 0.3
  /// What was acknowledged longer ago is saved: the time above, and ten times what a round was seen to take on a machine
  /// that is busy with other tests, which is 0.07 seconds.
  static let window = flushEvery + 0.7

  /// The flags of the daemon.
  ///
  /// - Parameter place: the directory of the database, or the socket of the server.
  func arguments(at place: String) -> [String] {
    switch self {
    case .sqliteBehind:
      [
        "--store", "sqlite:\(place)/sessions.db", "--durability", "behind", "--flush-every",
        "\(Int(Self.flushEvery * 1000))ms",
      ]
    case .sqliteThrough: ["--store", "sqlite:\(place)/sessions.db", "--durability", "through"]
    case .redis: ["--store", "unix:\(place)"]
    }
  }
}

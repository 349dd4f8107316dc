/// What is measured for each number of sessions.
enum ScaleColumn: String, CaseIterable {
  case read, set, bytes, reclaim, adoption, warm

  /// For people.
  var title: String {
    switch self {
    case .read: "read ns"
    case .set: "SET µs"
    case .bytes: "bytes each"
    case .reclaim: "reclaim ns"
    case .adoption: "adoption ms"
    case .warm: "warm start ms"
    }
  }

  /// For programs.
  var name: String {
    switch self {
    case .read: "read_ns"
    case .set: "set_us"
    case .bytes: "bytes"
    case .reclaim: "reclaim_ns"
    case .adoption: "adoption_ms"
    case .warm: "warm_start_ms"
    }
  }

  var decimals: Int {
    switch self {
    case .read, .set, .bytes: 1
    case .reclaim, .adoption, .warm: 0
    }
  }
}

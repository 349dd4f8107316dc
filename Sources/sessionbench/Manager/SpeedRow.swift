/// The rows of the original's table.
enum SpeedRow: String, CaseIterable, Sendable {
  case cachedRead = "cached read"
  case uncachedRead = "uncached read"
  case write = "write"
  case mixed = "mixed 80/20"
  case concurrent = "high concurrency"

  /// How many times as fast as its baseline the original expects to be.
  var expectedFactor: Double {
    switch self {
    case .cachedRead: 20
    case .uncachedRead: 1.25
    case .write: 1
    case .mixed: 3
    case .concurrent: 50
    }
  }

  /// How many of a hundred operations are writes; the others are reads.
  var writesPercent: Int {
    switch self {
    case .cachedRead, .uncachedRead: 0
    case .write: 100
    case .mixed: 20
    // Most of what clients do at once is reading.
    case .concurrent: 5
    }
  }
}

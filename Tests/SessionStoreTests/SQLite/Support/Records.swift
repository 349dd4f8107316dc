import SessionStore
import StoreSupport

/// Records for tests.
enum Records {
  /// A session that was made and used at a time and lives for an hour.
  static func session(
    _ id: String, version: UInt64, at time: Int64, tags: [String] = [], bytes: Int = 10,
    ttl: Int64 = 3_600_000_000_000
  ) -> StoredRecord {
    let value = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ Int(truncatingIfNeeded: version)) }
    return StoredRecord(
      id: Array(id.utf8), version: version, created: time, ttl: ttl, deadline: time + ttl,
      tags: tags.map { Array($0.utf8) }, fields: [(Array("key".utf8), value)])
  }

  static func saves(_ records: [StoredRecord]) -> [StoreChange] { records.map { .save($0, replacing: nil) } }
}

/// Whether an error says that it may be better later, and what it says.
func reason(_ error: (any Error)?) -> (isPassing: Bool, isDecided: Bool, text: String) {
  switch error as? StoreError {
  case .unavailable(let text, let isDecided): (true, isDecided, text)
  case .unfit(let text): (false, true, text)
  case nil: (false, false, "\(String(describing: error))")
  }
}

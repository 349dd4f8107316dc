/// In which spans of time a session ends and was used last: what the indexes know of it, for deleting what has expired
/// and for the order of the warm start.
struct SessionSpans: Equatable {
  /// A span has 2^38 ns, 4.6 minutes.
  private static let shift: Int64 = 38

  let end: Int64
  let use: Int64

  init(end: Int64, use: Int64) {
    self.end = end
    self.use = use
  }

  init(of record: StoredRecord) {
    self.init(end: Self.span(of: record.deadline), use: Self.span(of: record.lastUse))
  }

  /// - Parameter moment: in nanoseconds.
  static func span(of moment: Int64) -> Int64 { moment >> shift }
}

import SessionSegment

/// How long a session that is written shall live, and under which version: nil where the session's own, or what is
/// usual for a new one, will do.
struct RecordTerms {
  /// Nanoseconds.
  var ttl: Int64?
  var deadline: Int64?
  var created: Int64?
  /// With the stamp's number of moves; nil: the next version.
  var stamp: RecordStamp?
}

import SessionCache

/// What a start took over of the daemon before.
struct Adoption: Equatable {
  var sessions: Int
  /// How long that took.
  var nanoseconds: Int64

  /// nil: there was no segment.
  init?(_ origin: SegmentOrigin, nanoseconds: Int64) {
    switch origin {
    case .fresh: return nil
    case .adopted(let sessions), .moved(let sessions), .keptAsItIs(let sessions, _),
      .setAside(_, _, let sessions):
      self.sessions = sessions
      self.nanoseconds = nanoseconds
    }
  }
}

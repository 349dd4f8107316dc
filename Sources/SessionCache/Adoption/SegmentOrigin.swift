/// Where the sessions of a cache that was opened come from.
public enum SegmentOrigin: Sendable, Equatable {
  /// There was no segment.
  case fresh
  /// The segment of the daemon before was taken over as it is.
  case adopted(sessions: Int)
  /// Its sessions were copied to one of another size, number of shards or spare.
  case moved(sessions: Int)
  /// The segment was taken over as it is although another size or number of shards is wanted: why.
  case keptAsItIs(sessions: Int, reason: String)
  /// The file could not be trusted, and has this name now; of its sessions these were right.
  case setAside(path: String, reason: String, sessions: Int)
}

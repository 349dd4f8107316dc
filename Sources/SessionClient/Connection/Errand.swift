/// What the engine asks the daemon for on its own account. Nobody waits for the reply, and none of them is
/// sent again by itself on another connection.
enum Errand: Sendable, Equatable {
  /// To be handed the segment.
  case map
  /// Tells how many reads were answered out of the mapping.
  case reads(UInt64)
  /// Slides the time to live of sessions that were.
  case touch([String])
}

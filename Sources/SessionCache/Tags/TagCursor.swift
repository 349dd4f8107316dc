/// How far a walk over the sessions with a tag has come.
public struct TagCursor: Sendable {
  /// So many sessions are looked at in a step: some tens of microseconds.
  static let stride = 128

  /// The first hash that was not looked at.
  let session: UInt64

  public init() {
    session = 0
  }

  init(session: UInt64) {
    self.session = session
  }
}

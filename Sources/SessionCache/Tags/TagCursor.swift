/// How far a walk over the sessions with a tag has come.
public struct TagCursor: Sendable {
  /// So many sessions are looked at in a step: some microseconds each, or a fraction of a millisecond where one is as
  /// large as may be and has to be cleared.
  static let stride = 8
  /// So often a walk begins anew since sessions were renamed: each time there are only those to be found.
  static let passesMost = 64

  /// The first hash that was not looked at.
  let session: UInt64
  /// What `TagIndex.moves` was when the pass began.
  let moves: Int
  let passes: Int

  public init() {
    self.init(session: 0, moves: 0, passes: 0)
  }

  init(session: UInt64, moves: Int, passes: Int) {
    self.session = session
    self.moves = moves
    self.passes = passes
  }
}

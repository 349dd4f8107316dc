/// What the checker found out about a history.
public enum Verdict: Equatable, Sendable {
  /// There is an order in which a session would have given exactly these replies.
  case linearizable(configurations: Int)
  /// There is none; the text tells how far the best attempt came.
  case notLinearizable(String)
  /// Not known: the search was given up after so many configurations.
  case undecided(configurations: Int)

  public var isLinearizable: Bool {
    if case .linearizable = self { true } else { false }
  }
}

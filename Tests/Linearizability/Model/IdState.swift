/// What stands under one id at one moment.
struct IdState: Hashable {
  /// The session, or that there is none. Always none where there is a bar.
  var session = SessionState()
  var bar: Bar?

  /// What keeps an id from being used.
  enum Bar: Hashable {
    /// Revoked, or renamed away.
    case mark
    case alias(Alias)
  }

  /// An id that was renamed with a grace: reads of it are answered from the session under another id.
  struct Alias: Hashable {
    let target: Int
    /// The grace is not over before the first of these moments, and is over after the second one.
    let grace: ClosedRange<Int64>
    /// Whether somebody saw that it is over.
    var isOver = false
  }
}

extension IdState: CustomStringConvertible {
  var description: String {
    switch bar {
    case nil: "\(session)"
    case .mark?: "revoked or renamed away"
    case .alias(let alias)?:
      "an alias of id \(alias.target)\(alias.isOver ? ", over" : "")"
    }
  }
}

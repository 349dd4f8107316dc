/// An id under which no session can begin for a while: one that was revoked or renamed away. Times are
/// nanoseconds of the clock.
struct ClosedID {
  /// What a renamed id still stands for.
  struct Target {
    let id: Name
    /// The end of the grace.
    let until: Int64
  }

  var target: Target?
  /// From then on the id is like any other.
  var until: Int64
  /// When the queue of dues asks for it next.
  var scheduled = Int64.max

  init(until: Int64) {
    self.until = until
  }

  /// The id whose session it can still be read as.
  func alias(at now: Int64) -> Name? {
    guard let target, now < target.until else { return nil }
    return target.id
  }
}

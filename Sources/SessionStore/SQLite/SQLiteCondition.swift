/// Whether an open database can be relied on.
struct SQLiteCondition {
  /// Why there have to be new connections; nil: the ones at hand are good.
  var trouble: String? = "it was not opened yet"
  /// Whether all of the file has to be looked through.
  var isSuspect = false
  /// Where its files are while it is open, and until it is open again.
  private var presence: SQLitePresence?
  /// What was seen to have become of them.
  private(set) var loss = SQLitePresence.Finding.present
  /// Damaged rows that were met by readers that are gone.
  var damaged = DamagedIDs()

  /// It is open.
  mutating func begin(_ presence: SQLitePresence) {
    self.presence = presence
    trouble = nil
    isSuspect = false
    loss = .present
  }

  /// Looks whether the files are at their places still.
  mutating func look() -> SQLitePresence.Finding {
    guard loss == .present, let presence else { return loss }
    loss = presence.look()
    switch loss {
    case .present: return loss
    case .incomplete: trouble = "a file beside it was deleted, moved away or replaced while it was open"
    case .gone: trouble = "it was deleted, moved away or replaced while it was open"
    }
    isSuspect = true
    return loss
  }

  mutating func end() {
    trouble = "it was closed"
    presence = nil
  }

  mutating func note(_ failure: SQLiteFailure) {
    if !failure.isPassing { trouble = failure.description }
    if failure.isDamage { isSuspect = true }
  }
}

import SessionCache
import SessionSegment

/// How far the saving thread has come with what was unsaved when the round began, and with the uses before that.
struct SaveRound {
  /// Rounds of a stop: what changes meanwhile is little, since no request is served any more.
  static let roundsAtStopMost = 16

  /// What a round does, in this order. A rename leaves a mark or an alias under the old id and the session under the
  /// new one; a power cut may find the store with both, but not with the mark alone. So marks wait until all sessions
  /// are saved that were there when they came.
  enum Pass {
    /// Sessions, and that there are none.
    case first
    /// Sessions that came meanwhile, if there are any marks.
    case second
    /// The marks that came before the second pass, whose sessions that has saved: a rename gives both their versions
    /// and shows both before anybody else looks at either. And sessions that came since.
    case third
  }

  /// When it began; nil: none is under way.
  private(set) var began: Int64?
  private(set) var pass = Pass.first
  /// Where it goes on; nil: at its end.
  var cursor: UnsavedCursor?
  /// Whether a pass has met a mark or an alias.
  private var hasMarks = false
  /// The last version that was given when the second pass began.
  private var versionMost: UInt64 = 0
  /// Listings that wait for its end.
  private(set) var barriers: [StoreListing] = []

  /// Where the search for used sessions goes on; nil: none is under way.
  var useCursor: WalkCursor?
  /// When the last search began.
  private(set) var lastUses: Int64
  private(set) var hasMarkedLastUses = false
  /// What the search has met so far, and how long it has looked, in nanoseconds.
  var leastTTL = Int64.max
  var searchTime: Int64 = 0

  /// Whether the search has gone on since the last round.
  var hasSearched = false

  /// When rows whose time is over were deleted last.
  var lastExpiry: Int64
  var roundsAtStop = 0
  /// Whether the last step was a commit: then something else comes first.
  var hasJustCommitted = false
  var isFinished = false

  init(at now: Int64) {
    lastExpiry = now
    lastUses = now
  }

  var isUnderWay: Bool { began != nil }

  mutating func begin(at now: Int64, barriers: [StoreListing]) {
    began = now
    pass = .first
    hasMarks = false
    cursor = UnsavedCursor()
    self.barriers = barriers
  }

  /// What of these is saved now.
  mutating func select(_ records: [UnsavedRecord]) -> [UnsavedRecord] {
    let count = records.count(where: Self.isMark)
    guard count > 0 else { return records }
    hasMarks = true
    return records.filter { record in
      !Self.isMark(record) || pass == .third && record.image.version <= versionMost
    }
  }

  private static func isMark(_ record: UnsavedRecord) -> Bool {
    record.image.kind == .mark || record.image.kind == .alias
  }

  /// - Parameter lastVersion: that was given until now.
  /// - Returns: false if there is nothing left to do.
  mutating func beginNextPass(lastVersion: UInt64) -> Bool {
    switch pass {
    case .first where hasMarks:
      pass = .second
      versionMost = lastVersion
    case .second: pass = .third
    case .first, .third: return false
    }
    cursor = UnsavedCursor()
    return true
  }

  mutating func end() {
    hasSearched = false
    began = nil
    cursor = nil
    barriers = []
  }

  /// - Parameter last: whether it is the last one before a stop.
  mutating func beginUses(at now: Int64, last: Bool = false) {
    useCursor = WalkCursor()
    lastUses = now
    (leastTTL, searchTime) = (.max, 0)
    if last { hasMarkedLastUses = true }
  }
}

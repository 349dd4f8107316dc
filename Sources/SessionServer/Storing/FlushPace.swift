/// When what memory has and the store has not is saved. Pure.
///
/// A round saves all that is unsaved as it begins. Rounds begin `every` nanoseconds one after the other, or sooner
/// when somebody waits for one or very much is unsaved; so many changes of one session within that time are saved
/// once.
struct FlushPace {
  var every: Int64
  /// When the last round began.
  private(set) var lastBegin: Int64
  private(set) var isAsked = false

  init(every: Int64, at now: Int64) {
    self.every = every
    lastBegin = now
  }

  /// A round is wanted now.
  mutating func ask() { isAsked = true }

  mutating func begin(at now: Int64) {
    lastBegin = now
    isAsked = false
  }

  /// When the next round is due.
  func due(at now: Int64) -> Int64 { isAsked ? now : lastBegin &+ every }
}

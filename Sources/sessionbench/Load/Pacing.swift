/// When requests are sent. Told what time it is; knows no clock. Pure.
enum Pacing: Sendable {
  /// As soon as there is room for one, until the end: whoever has its reply sends the next request.
  case closed(end: Int64)
  /// At moments of their own.
  case open(OpenSchedule)

  /// Takes the next request if it is due.
  ///
  /// - Returns: the moment from which its latency counts.
  mutating func take(at now: Int64) -> Int64? {
    switch self {
    case .closed(let end):
      return now < end ? now : nil
    case .open(var schedule):
      let moment = schedule.take(at: now)
      self = .open(schedule)
      return moment
    }
  }

  /// When there will be another one although no reply comes; nil if there will be none.
  var next: Int64? {
    switch self {
    case .closed: nil
    case .open(let schedule): schedule.next
    }
  }
}

import SessionClient

/// Why a session ended, as a sentence or as the daemon tells it.
enum EndSentence {
  static func text(_ session: String, _ end: SessionEnd) -> String {
    let seconds = WallClock.secondsSince1970 - end.at
    let ago = seconds < 1 ? "just now" : "\(Shown.duration(seconds)) ago"
    switch end.ended {
    case .idle: return "\(session) ended \(ago), since nobody had used it for its time to live."
    case .lifetime: return "\(session) ended \(ago), since it had reached the longest lifetime allowed."
    case .evicted: return "\(session) was dropped \(ago), since the cache was full."
    case .deleted: return "\(session) was deleted \(ago)\(actor(end))."
    case .revoked: return "\(session) was revoked \(ago)\(actor(end)); its id is closed."
    case .renamed: return "\(session) was renamed \(ago)\(actor(end)), and went on under another id."
    default: return "\(session) ended \(ago)\(actor(end)): \(end.ended.rawValue)."
    }
  }

  private static func actor(_ end: SessionEnd) -> String {
    guard let uid = end.uid else { return "" }
    let process = end.pid.map { "process \($0)" } ?? "process unknown"
    guard let name = UserNames.name(of: uid) else { return " by user \(uid) (\(process))" }
    return " by \(name) (user \(uid), \(process))"
  }

  static func json(_ end: SessionEnd) -> String {
    var object: SessionValue.Object = ["ended": .string(end.ended.rawValue)]
    object["at"] = .double(end.at)
    object["uid"] = end.uid.map { .int($0) }
    object["pid"] = end.pid.map { .int($0) }
    return SessionValue.object(object).description
  }
}

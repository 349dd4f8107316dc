import SessionClient
import SessionctlKit

/// Why a session ended, as a sentence or as the daemon tells it.
enum EndSentence {
  static func text(_ session: String, _ end: SessionEnd) -> String {
    let seconds = WallClock.secondsSince1970 - end.at
    let ago = seconds < 1 ? "just now" : "\(Shown.duration(seconds)) ago"
    let actor = actor(end).map { " by \($0)" } ?? ""
    switch end.ended {
    case .idle, .lifetime: return "\(session) ended \(ago), since \(reason(end.ended))."
    case .evicted: return "\(session) was dropped \(ago), since \(reason(end.ended))."
    case .deleted: return "\(session) was deleted \(ago)\(actor)."
    case .revoked: return "\(session) was revoked \(ago)\(actor); its id is closed."
    case .renamed: return "\(session) was renamed \(ago)\(actor), and went on under another id."
    default: return "\(session) ended \(ago)\(actor): \(end.ended.rawValue)."
    }
  }

  /// What to read behind "since".
  static func reason(_ cause: SessionEnd.Cause) -> String {
    switch cause {
    case .idle: "nobody had used it for its time to live"
    case .lifetime: "it had reached the longest lifetime allowed"
    case .evicted: "the cache was full"
    case .deleted: "it was deleted, by itself or with all others"
    case .revoked: "it was revoked; its id is closed"
    case .renamed: "it goes on under another id"
    default: "the daemon says: \(cause.rawValue)"
    }
  }

  /// Who ended it; nil where it ended by itself.
  static func actor(_ end: SessionEnd) -> String? {
    guard let uid = end.uid else { return nil }
    let process = end.pid.map { "process \($0)" } ?? "process unknown"
    guard let name = UserNames.name(of: uid) else { return "user \(uid) (\(process))" }
    return "\(name) (user \(uid), \(process))"
  }

  /// - Parameter session: to be told with it, where several were asked for.
  static func json(_ end: SessionEnd, of session: String? = nil) -> String {
    var object: SessionValue.Object = [:]
    object["session"] = session.map { .string($0) }
    object["ended"] = .string(end.ended.rawValue)
    object["at"] = .double(end.at)
    object["uid"] = end.uid.map { .int($0) }
    object["pid"] = end.pid.map { .int($0) }
    return SessionValue.object(object).description
  }
}

import SessionClient

/// Events as a person and as a program like to see them.
enum EventText {
  static func line(_ event: SessionEvent) -> String {
    let number = String(event.sequence)
    guard let session = event.session else {
      let note = event.kind == .missed ? " events are missing here: read anew what matters" : ""
      return "\(number)  \(event.kind.rawValue)\(note)"
    }
    // The longest kinds have six letters.
    let kind = event.kind.rawValue + String(repeating: " ", count: max(0, 6 - event.kind.rawValue.count))
    let target = event.newSession.map { " to \($0)" } ?? ""
    let version = event.version.map { "  version \($0)" } ?? ""
    return "\(number)  \(kind)  \(session)\(target)\(version)"
  }

  /// As the daemon tells it.
  static func json(_ event: SessionEvent) -> String {
    var object: SessionValue.Object = [
      "seq": .int(event.sequence), "event": .string(event.kind.rawValue),
    ]
    object["session"] = event.session.map { .string($0) }
    object["to"] = event.newSession.map { .string($0) }
    object["version"] = event.version.map { .int($0) }
    return SessionValue.object(object).description
  }
}

import SessionClient
import SessionctlKit

/// Events as rows of a table, which are printed as they come.
struct EventTable {
  /// A number has 16 digits and a version a few, until there are many; ids come last, being of any length.
  private var table = Table(
    .left("time", least: 8), .right("event number", least: 16), .left("event", least: 6),
    .right("version", least: 9), .left("session"))

  /// The row of an event, with the titles above the first one.
  mutating func lines(_ event: SessionEvent) -> [TextLine] {
    table.add(
      TextPiece(LocalTime.time(WallClock.secondsSince1970), .faint), TextPiece("\(event.sequence)", .faint),
      TextPiece(event.kind.rawValue, Self.tone(event.kind)), TextPiece(event.version.map(String.init) ?? ""),
      TextPiece(Self.session(event)))
    return table.takeLines()
  }

  /// The titles alone, before anything has happened.
  mutating func titles() -> [TextLine] { table.takeLines() }

  private static func session(_ event: SessionEvent) -> String {
    guard let session = event.session else { return "events are missing here: read anew what matters" }
    return event.newSession.map { "\(session) → \($0)" } ?? session
  }

  private static func tone(_ kind: SessionEvent.Kind) -> Style.Tone {
    switch kind {
    case .set: .good
    case .rename: .accent
    case .delete, .revoke: .warning
    case .evict, .missed: .bad
    case .expire: .faint
    default: .plain
    }
  }
}

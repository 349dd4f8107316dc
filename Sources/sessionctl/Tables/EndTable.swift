import SessionClient
import SessionctlKit

/// How sessions ended, as rows of a table.
struct EndTable {
  private var table = Table(.left("session"), .left("ended"), .left("when"), .left("by"), .left("since"))

  mutating func add(_ session: String, _ end: SessionEnd) {
    let seconds = WallClock.secondsSince1970 - end.at
    let ago = seconds < 1 ? "just now" : "\(Shown.duration(seconds)) ago"
    table.add(
      TextPiece(session), TextPiece(end.ended.rawValue, Self.tone(end.ended)),
      TextPiece("\(LocalTime.dayAndTime(end.at)) (\(ago))"), TextPiece(EndSentence.actor(end) ?? "itself"),
      TextPiece(EndSentence.reason(end.ended)))
  }

  mutating func lines() -> [TextLine] { table.isEmpty ? [] : table.takeLines() }

  private static func tone(_ cause: SessionEnd.Cause) -> Style.Tone {
    switch cause {
    case .evicted: .bad
    case .deleted, .revoked: .warning
    case .renamed: .accent
    default: .faint
    }
  }
}

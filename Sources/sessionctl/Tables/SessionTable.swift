import SessionClient
import SessionctlKit

/// Sessions as rows of a table, with what INFO knows of each. Rows are printed as pages of ids come.
struct SessionTable {
  private var table = Table(
    .left("session", least: 22), .right("time left", least: 9), .right("idle time", least: 9),
    .right("age", least: 8), .right("keys"), .right("memory", least: 9), .left("tags"))

  /// Less than this part of its time left, and a session will end soon.
  private static let shortPart = 0.1

  mutating func add(_ session: String, _ info: SessionInfo) {
    let endsSoon = info.ttl < info.idle * Self.shortPart
    table.add(
      TextPiece(session), TextPiece(Shown.duration(info.ttl), endsSoon ? .warning : .plain),
      TextPiece(Shown.duration(info.idle)),
      TextPiece(Shown.duration(max(0, WallClock.secondsSince1970 - info.created))),
      TextPiece(Shown.count(info.keys)), TextPiece(Shown.bytes(info.bytes)),
      TextPiece(info.tags.joined(separator: ", "), .accent))
  }

  mutating func lines() -> [TextLine] { table.takeLines() }
}

/// A connection that watches, and what it is told.
final class Watcher {
  /// One EVENT line.
  struct Event: Equatable {
    let number: UInt64
    let kind: String
    let session: String
    let version: UInt64
    var to = ""
  }

  let connection: RawConnection
  /// The number that WATCH answered with.
  let start: UInt64

  /// - Parameter arguments: what stands behind WATCH.
  convenience init(_ daemon: DaemonProcess, _ arguments: String) throws {
    try self.init(path: daemon.socketPath, arguments)
  }

  init(path: String, _ arguments: String) throws {
    connection = try RawConnection(path: path)
    start = try connection.request("WATCH \(arguments)").version
  }

  /// The next line, which must be an event.
  func event() throws -> Event { try Self.event(connection.reply()) }

  func events(_ count: Int) throws -> [Event] { try (0..<count).map { _ in try event() } }

  static func event(_ line: String) throws -> Event {
    func text(_ member: String) -> String? {
      line.firstRange(of: "\"\(member)\":\"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
    }
    func number(_ member: String) throws -> UInt64 {
      let digits = line.firstRange(of: "\"\(member)\":").map { line[$0.upperBound...].prefix { $0.isNumber } }
      guard let number = digits.flatMap({ UInt64($0) }) else { throw Failure("no \(member) in \(line)") }
      return number
    }
    guard line.hasPrefix("EVENT {"), line.hasSuffix("}"), let kind = text("event") else {
      throw Failure("no event: \(line)")
    }
    let seq = try number("seq")
    guard kind != "missed" else { return Event(number: seq, kind: kind, session: "", version: 0) }
    return Event(
      number: seq, kind: kind, session: text("session") ?? "", version: try number("version"),
      to: text("to") ?? "")
  }
}

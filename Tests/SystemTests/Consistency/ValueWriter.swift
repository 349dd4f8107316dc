import TestSupport

/// Writes values that prove themselves to one key, over a connection of its own, as fast as the daemon takes
/// them.
final class ValueWriter {
  static let session = "frozen"
  static let key = "value"
  /// Requests sent before replies are read.
  private static let batch = 1_000

  private let connection: RawConnection
  /// The number of the last value that was acknowledged.
  private(set) var counter = 0

  init(_ daemon: DaemonProcess) throws {
    connection = try daemon.connect()
  }

  /// Writes so many values, one after the other, all of one length, so that they take turns in few blocks.
  func write(_ count: Int) throws {
    var left = count
    while left > 0 {
      let lines = (0..<min(left, Self.batch)).map { _ in
        counter += 1
        let value = ProvingValue(counter: Int64(100_000_000 + counter), writer: 0, session: 0, filler: 300)
        return "SET \(Self.session) \(Self.key) \"\(String(decoding: value.bytes, as: UTF8.self))\"\n"
      }
      let replies = try connection.exchange(Array(lines.joined().utf8), replies: lines.count)
      guard replies.allSatisfy({ $0.hasPrefix("OK ") }) else { throw Failure("\(replies)") }
      left -= lines.count
    }
  }

  func ask(_ line: String) throws -> String { try connection.request(line) }

  /// Makes so many sessions of about the same size.
  func makeOthers(_ count: Int) throws {
    let lines = (0..<count).map { "SET other-\($0) value \"\(String(repeating: "o", count: 310))\"\n" }
    let replies = try connection.exchange(Array(lines.joined().utf8), replies: count)
    guard replies.allSatisfy({ $0.hasPrefix("OK ") }) else { throw Failure("\(replies)") }
  }

  /// Bytes that sessions take, and that the daemon has taken from the system.
  func memory() throws -> (used: Double, reserved: Double) {
    let statistics = try ask("STATS")
    return (try statistics.number("used"), try statistics.number("reserved"))
  }
}

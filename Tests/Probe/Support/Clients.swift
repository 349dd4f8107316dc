import SessionClient

/// The clients of a probe: one that asks the daemon for everything, and one that reads out of the segment
/// where it can, if `reads` is `mapped` or `both`.
struct Clients {
  let writing: SessionClient
  private let readers: [SessionClient]

  /// Far more patience than is needed, so that a busy machine makes no probe fail.
  private static let patient = SessionClient.Options(
    requestTimeout: .seconds(60), reconnectPatience: .seconds(30))

  init(_ arguments: Arguments) throws {
    writing = SessionClient(socket: try arguments.text("socket"), options: Self.patient)
    switch try arguments.text("reads") {
    case "socket": readers = [writing]
    case let other: throw ProbeFailure("no way to read: \(other)")
    }
  }

  /// One of the ways to read, by any number.
  func reading(_ number: Int) -> SessionClient { readers[number % readers.count] }
}

import SessionClient

/// The clients of a probe. All of its writes and some of its reads go over the socket; with `reads=mapped`
/// all reads are answered out of the daemon's memory where they can be, with `reads=both` half of them.
struct Clients {
  let writing: SessionClient
  private let readers: [Reads]

  /// Far more patience than is needed, so that a busy machine makes no probe fail.
  private static func patient(_ mapping: SessionClient.Options.Mapping) -> SessionClient.Options {
    SessionClient.Options(
      requestTimeout: .seconds(60), reconnectPatience: .seconds(30), mapping: mapping)
  }

  init(_ arguments: Arguments) throws {
    let socket = try arguments.text("socket")
    writing = SessionClient(socket: socket, options: Self.patient(.off))
    let mapped = SessionClient(socket: socket, options: Self.patient(.automatic))
    switch try arguments.text("reads") {
    case "socket": readers = [.asynchronous(writing)]
    case "mapped": readers = [.asynchronous(mapped), .blocking(mapped.blocking)]
    case "both": readers = [.asynchronous(writing), .asynchronous(mapped), .blocking(mapped.blocking)]
    case let other: throw ProbeFailure("no way to read: \(other)")
    }
  }

  /// One of the ways to read, by any number.
  func reading(_ number: Int) -> Reads { readers[number % readers.count] }
}

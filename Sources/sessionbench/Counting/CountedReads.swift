import SessionClient

/// Reads out of the mapping, one session after the other.
struct CountedReads: CountedWork {
  private static let warmUpRounds = 8

  private let ids: [String]
  private let read: (_ ids: [String]) throws -> Void

  /// Makes the sessions, checks what is read of each, and reads all of them often enough that they are mapped.
  init(socket: String, path: CountedPath, sessions: Int) throws {
    let first = path.firstSession(of: sessions)
    ids = (first..<first + sessions).map { SessionShape.id($0) }
    let connection = try RawConnection(socket)
    for id in ids {
      try connection.send(path.creation(id))
      try connection.expectLines(1, beginning: Server.sessiond.successBytes)
    }
    let client = SessionClient(socket: socket).blocking
    let text: (_ id: String) throws -> String?
    if path == .bytes {
      let method = MappedBytes(sessions: client)
      read = method.read
      text = method.text
    } else {
      let method = BlockingString(sessions: client)
      read = method.read
      text = method.text
    }
    for id in ids {
      guard try text(id) == "\"\(SessionShape.value(id))\"" else { throw BenchmarkFailure.wrong(id) }
    }
    try run(Self.warmUpRounds * step)
  }

  var step: Int { ids.count }

  func run(_ requests: Int) throws {
    for _ in 0..<requests / step { try read(ids) }
  }
}

import SessionClient

/// A slow application that goes on with a session which somebody else renames or revokes meanwhile. It writes
/// and reads until long after, and judges: from the first change that is refused on all are, and what it can read
/// no more stays so. Prints how much it did before and after.
struct Persister {
  /// So many times it finds nothing before it gives up.
  private static let patience = 200

  private let writing: SessionClient
  private let clients: Clients
  private let id: String
  private let deadline: Deadline
  private var writes = 0
  private var refused = 0
  private var readable = 0
  private var gone = 0
  /// When it found nothing for the first time.
  private var goneAt: Int64 = 0

  init(_ arguments: Arguments) throws {
    clients = try Clients(arguments)
    writing = clients.writing
    id = try arguments.text("session")
    deadline = try Deadline(arguments)
  }

  mutating func run() async throws {
    while gone < Self.patience {
      guard !deadline.isOver else { throw ProbeFailure("nobody ended the session \(id)") }
      try await change()
      try await read()
    }
    print("writes=\(writes) refused=\(refused) readable=\(readable) gone_at=\(goneAt)")
  }

  private mutating func change() async throws {
    do {
      if refused == 0 { try await write() } else { try await writeLate() }
      guard refused == 0 else { throw ProbeFailure("\(id): a change after one was refused") }
      writes += 1
    } catch SessionError.revoked {
      refused += 1
    }
  }

  private func write() async throws {
    try await writing.set(id, "w", writes)
  }

  /// Each kind of change in turn.
  private func writeLate() async throws {
    switch refused % 8 {
    case 0: try await writing.set(id, "late", 1)
    case 1: try await writing.setMany(id, ["late": 1])
    case 2: try await writing.increment(id, "late")
    case 3: try await writing.expire(id, after: .seconds(600))
    case 4: try await writing.delete(id, keys: ["w"])
    case 5: try await writing.rename(id, to: "\(id)-late")
    // An alias is touched as what it stands for.
    case 6 where gone > 0: try await writing.touch([id])
    default: try await writing.tag(id, ["late"])
    }
  }

  private mutating func read() async throws {
    let found = try await clients.reading(writes + refused).get(id, "w", as: Int.self)
    if found == nil {
      guard refused > 0 || gone > 0 else {
        // Between the two calls it may have ended.
        return try await change()
      }
      if gone == 0 { goneAt = bootNanoseconds() }
      gone += 1
    } else {
      guard gone == 0 else { throw ProbeFailure("\(id) is back") }
      if refused > 0 { readable += 1 }
    }
  }
}

import SessionClient

/// One of the two client processes, a device of the user: logs in and fills the cart.
struct Device {
  /// How many items each one puts into the cart.
  static let items = 1000

  let socket: String
  let name: String
  let session: String

  func run() async throws {
    let sessions = SessionClient(socket: socket)
    try await logIn(sessions)
    // A task for each item: the client sends them all over one connection.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Self.items {
        group.addTask { try await sessions.increment(session, "cart") }
        group.addTask { try await sessions.increment(session, name) }
      }
      try await group.waitForAll()
    }
    print("  the \(name) is done")
  }

  /// Begins the session, unless the other one was faster: exactly one of them succeeds.
  private func logIn(_ sessions: SessionClient) async throws {
    do {
      try await sessions.setMany(
        session, ["user": "demo", "first": .string(name)], ifVersion: 0, ttl: .seconds(60))
      print("  the \(name) logged in and began the session")
    } catch SessionError.conflict {
      print("  the \(name) logged in and joined the session")
    }
    flushOutput()
  }
}

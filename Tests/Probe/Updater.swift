import SessionClient

/// Adds one to a number of a session again and again, each time by reading and writing it back.
struct Updater {
  private let sessions: SessionClient
  private let id: String
  private let rounds: Int

  init(_ arguments: Arguments) throws {
    let clients = try Clients(arguments)
    guard case .asynchronous(let sessions) = clients.reading(0) else {
      throw ProbeFailure("no client to update with")
    }
    self.sessions = sessions
    id = try arguments.text("session")
    rounds = try arguments.number("rounds")
  }

  func run() async throws {
    var attempts = 0
    var (done, givenUp) = (0, 0)
    while done < rounds {
      do {
        let number = try await sessions.update(id) { values in
          attempts += 1
          let number = (values["n"]?.intValue ?? 0) + 1
          values["n"] = .int(number)
          return number
        }
        guard number != nil else { throw ProbeFailure("the session \(id) is gone") }
        done += 1
      } catch SessionError.conflict where givenUp < rounds {
        // Others were faster sixty times in a row; nothing was changed.
        givenUp += 1
      }
    }
    print("attempts=\(attempts)")
  }
}

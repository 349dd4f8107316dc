import SessionClient

/// Makes thousands of sessions and ends them again, over and over, so that the index grows and shrinks and
/// blocks are used again. Prints how many sessions it made.
struct Crowd {
  private static let tasks = 32

  private let sessions: SessionClient
  private let count: Int
  private let deadline: Deadline

  init(_ arguments: Arguments) throws {
    sessions = try Clients(arguments).writing
    count = try arguments.number("count")
    deadline = try Deadline(arguments)
  }

  func run() async throws {
    var made = 0
    while !deadline.isOver {
      try await forEach { number in
        let value = String(repeating: "c", count: number * 37 % 2_000)
        do {
          try await sessions.set("crowd-\(number)", "a", value)
        } catch SessionError.disconnected {
          // The daemon was killed. There are enough others.
        }
      }
      made += count
      try await forEach { number in try await sessions.delete("crowd-\(number)") }
    }
    print("made=\(made)")
  }

  private func forEach(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<Self.tasks {
        group.addTask {
          for number in stride(from: task, to: count, by: Self.tasks) { try await body(number) }
        }
      }
      try await group.waitForAll()
    }
  }
}

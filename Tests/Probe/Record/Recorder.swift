import Linearizability
import SessionClient

/// A client that does random requests and writes down each with its times, for the checker.
///
/// All recorders work on the same few sessions for a while, a round, and then on others, so that each session's history
/// stays short. `operations` bounds what each task does to a set of sessions.
struct Recorder {
  private let clients: Clients
  private let file: HistoryFile
  private let name: String
  private let seed: UInt64
  private let sessions: Int
  private let operations: Int
  private let tasks: Int
  private let choice: RandomCalls.Choice
  private let start: Int64
  /// The length of a round in nanoseconds.
  private let round: Int64
  /// How long each task waits before each request, so that they are spread over a round.
  private let pause: Duration
  /// Whether the store may be away.
  private let meetsOutages: Bool
  private let deadline: Deadline

  init(_ arguments: Arguments) throws {
    clients = try Clients(arguments)
    file = try HistoryFile(try arguments.text("out"))
    name = try arguments.text("name")
    seed = try arguments.number("seed", as: UInt64.self)
    sessions = try arguments.number("sessions")
    operations = try arguments.number("operations")
    tasks = try arguments.number("tasks")
    let calls = try arguments.text("calls")
    guard let choice = RandomCalls.Choice(rawValue: calls) else { throw ProbeFailure("no calls: \(calls)") }
    self.choice = choice
    start = try arguments.number("start", as: Int64.self)
    round = try arguments.number("round-ms", as: Int64.self) * 1_000_000
    pause = .milliseconds(try arguments.number("pause-ms", as: Int64.self))
    meetsOutages = try arguments.number("outages") > 0
    deadline = try Deadline(arguments)
  }

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<tasks { group.addTask { try await record(task) } }
      try await group.waitForAll()
    }
  }

  private func record(_ task: Int) async throws {
    var calls = RandomCalls(
      client: "\(name)\(task)", choice: choice, seed: seed &+ UInt64(task) &* 7919)
    // Numbers that no other task of this process uses.
    var number = task
    var done = 0
    var current: Int64 = -1
    while !deadline.isOver {
      let round = (bootNanoseconds() - start) / self.round
      if round != current { (current, done) = (round, 0) }
      guard done < operations else {
        try await Task.sleep(for: .milliseconds(1))
        continue
      }
      if pause > .zero { try await Task.sleep(for: pause) }
      let (id, call) = calls.next(on: "r\(round)-\(calls.pick(sessions))")
      try await perform(call, on: id, number, &calls)
      number += tasks
      done += 1
    }
  }

  private func perform(
    _ call: Call, on session: String, _ number: Int, _ calls: inout RandomCalls
  ) async throws {
    let reading = clients.reading(calls.pick(6))
    try file.append(HistoryText.began(number, at: bootNanoseconds(), session: session, call))
    do {
      let outcome = try await Request(writing: clients.writing, reading: reading).perform(call, on: session)
      try file.append(HistoryText.ended(number, at: bootNanoseconds(), outcome))
      calls.learn(outcome, of: call, on: session)
    } catch let error as SessionError {
      switch error {
      case .disconnected(true), .timedOut(true): break
      case .storeUnavailable where meetsOutages:
        guard !error.mayHaveBeenApplied else { break }
        try file.append(HistoryText.refused(number, at: bootNanoseconds()))
      case .unavailable, .disconnected(false), .timedOut(false), .stopping:
        try file.append(HistoryText.refused(number, at: bootNanoseconds()))
      default: throw error
      }
    }
  }
}

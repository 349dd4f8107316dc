import SessionClient

/// The parent: starts the two devices of one user, waits for them, and counts.
struct Demonstration {
  let socket: String

  private static let names = ["laptop", "phone"]

  func run() async throws {
    let sessions = SessionClient(socket: socket)
    let hello = try await sessions.hello()
    print("sessiond \(hello.version) answers on \(socket)")
    // The process id keeps demonstrations apart that run at the same time.
    let session = "demo-\(ownProcessID())"
    print("two processes share the session \(session); each puts \(Device.items) items into its cart …")
    flushOutput()

    let started = ContinuousClock.now
    let devices = try Self.names.map { try ChildProcess(arguments: [socket, $0, session]) }
    // All are waited for before anything is judged, so that none is left behind.
    let statuses = devices.map { $0.wait() }
    let duration = started.duration(to: .now)
    let failures = zip(Self.names, statuses).filter { $0.1 != 0 }
    guard failures.isEmpty else {
      throw DemoFailure("\(failures.map(\.0).joined(separator: " and ")) did not finish")
    }

    let expected = Self.names.count * Device.items
    let total = try await sessions.get(session, "cart", as: Int.self) ?? 0
    let each = try await sessions.getMany(session, Self.names) ?? [:]
    try await sessions.delete(session)
    guard total == expected, Self.names.allSatisfy({ each[$0]?.intValue == Device.items }) else {
      throw DemoFailure("the cart holds \(total) items instead of \(expected): \(each)")
    }
    let milliseconds = Int(duration / .milliseconds(1))
    print("the cart holds \(total) of \(expected) items after \(milliseconds) ms: nothing was lost")
  }
}

import Glibc
import SystemCalls

@testable import SessionServer

/// A supervisor in a thread of its own over a real listening socket, whose accept the test lets fail.
/// Signals are raised in its thread, so that the process does not notice.
final class SupervisorUnderTest: @unchecked Sendable {
  let log = RecordedLog()
  let clock = MovedClock()
  let ledger = ConnectionLedger(most: 3, mostPerUser: 2)
  let mailboxes: [ReactorMailbox]
  private let directory: TemporaryDirectory
  // Safe to share: everything that changes is guarded by `lock`.
  private let lock = MutexLock()
  private var faults: [Int32] = []
  private var signals: [Int32] = []
  private var accepts: [Int64] = []
  private var reloadCount = 0
  private var failure: SystemCallError?

  /// Runs `body` beside the supervisor and ends it in any case; afterwards tells how it ended.
  ///
  /// - Parameter faults: the errors of the first accepts; the rest are real.
  @discardableResult
  static func with(
    faults: [Int32] = [], _ body: (SupervisorUnderTest) throws -> Void
  ) throws -> SystemCallError? {
    try TemporaryDirectory.with { directory in
      let listener = try ListenSocket.bind(path: directory.file("socket"), mode: 0o600, group: nil)
      let supervisor = try SupervisorUnderTest(directory)
      supervisor.faults = faults
      let number = listener.number
      let thread = try ServiceThread(name: "supervisor") { supervisor.run(listener: number) }
      do {
        defer {
          supervisor.raiseInThread(SIGTERM)
          thread.join()
        }
        try body(supervisor)
      }
      listener.close()
      return supervisor.lock.withLock { supervisor.failure }
    }
  }

  private init(_ directory: TemporaryDirectory) throws {
    self.directory = directory
    mailboxes = [try ReactorMailbox(), try ReactorMailbox()]
  }

  private func run(listener: Int32) {
    do throws(SystemCallError) {
      let supervisor = try Supervisor(
        listener: listener, signals: try SignalReader([SIGTERM, SIGHUP]), calls: calls, ledger: ledger,
        reactors: mailboxes, watched: [], wakeReclaimer: {}, manager: ServiceManager(), clock: clock.clock,
        logger: log.logger,
        actions: .init(reload: { self.lock.withLock { self.reloadCount += 1 } }, status: { "" }))
      try supervisor.run()
    } catch {
      lock.withLock { failure = error }
    }
  }

  private var calls: SocketCalls {
    let system = SocketCalls.system
    return SocketCalls(
      accept: { listener in
        let (fault, raised) = self.lock.withLock {
          defer { self.signals = [] }
          self.accepts.append(BootClock.system.now())
          return (self.faults.isEmpty ? nil : self.faults.removeFirst(), self.signals)
        }
        for signal in raised { raise(signal) }
        guard let fault else { return system.accept(listener) }
        errno = fault
        return -1
      }, receive: system.receive, send: system.send, sendDescriptor: system.sendDescriptor)
  }

  func connect() throws -> TestClient { try TestClient(path: directory.file("socket")) }

  /// Raises a signal in the supervisor's thread: a client comes, and its accept raises it.
  func raiseInThread(_ signal: Int32) {
    lock.withLock { signals.append(signal) }
    // If it does not run any more, nobody has to be told.
    let visitor = try? connect()
    withExtendedLifetime(visitor) {}
  }

  /// How many sockets were dealt out to a reactor since it was last asked; they are closed.
  func takeArrivals(of reactor: Int) -> Int {
    let arrivals = mailboxes[reactor].collect().arrivals
    for arrival in arrivals { close(arrival.socket) }
    return arrivals.count
  }

  /// The moments at which accept was called, nanoseconds since boot.
  var acceptMoments: [Int64] { lock.withLock { accepts } }

  var timesReloaded: Int { lock.withLock { reloadCount } }
}

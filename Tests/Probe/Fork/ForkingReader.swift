import CLinux
@preconcurrency import Glibc
import SessionClient
import Synchronization
import SystemCalls

/// A program that forks again and again while threads of it read, out of the mapping and over the socket. Each
/// child reads in both ways, and so does a child of every fifth one. Prints how many reads were answered out
/// of the mapping with a value, in all processes together.
///
/// The session `forked` has the number 1 under the key `n`, and there is no session `nobody`.
struct ForkingReader {
  private let sessions: SessionClient
  private let forks: Int

  /// How often each process reads before and after it asks the daemon for something.
  private static let reads = 100
  /// A child that hangs is ended by SIGALRM.
  private static let secondsMost: UInt32 = 60

  init(_ arguments: Arguments) throws {
    let patient = SessionClient.Options(requestTimeout: .seconds(60), reconnectPatience: .seconds(30))
    sessions = SessionClient(socket: try arguments.text("socket"), options: patient)
    forks = try arguments.number("forks")
  }

  func run() throws {
    // The first reply brings the mapping.
    guard try !sessions.blocking.exists("nobody") else { throw ProbeFailure("there is somebody") }
    let work = Work(sessions)
    let threads = try [work.readMapped, work.askDaemon].map { body in
      try ServiceThread(name: "work") { body() }
    }
    var processes = 0
    for number in 0..<forks { processes += try forkOnce(withGrandchild: number % 5 == 0) }
    work.isOver.store(true, ordering: .relaxed)
    for thread in threads { thread.join() }
    if let failure = work.failure.withLock({ $0 }) {
      throw ProbeFailure("a thread of the parent: \(failure)")
    }
    sessions.close()
    let hits = work.hits.load(ordering: .relaxed) + processes * 2 * Self.reads
    print("hits=\(hits) processes=\(processes)")
  }

  /// How many processes came of it. Throws if one of them saw what it should not.
  private func forkOnce(withGrandchild: Bool) throws -> Int {
    let child = linux_fork()
    guard child >= 0 else { throw ProbeFailure("fork: errno \(errno)") }
    if child == 0 {
      alarm(Self.secondsMost)
      do {
        try actAsChild()
        if withGrandchild { _ = try forkOnce(withGrandchild: false) }
        sessions.close()
        _exit(0)
      } catch {
        fputs("child: \(error)\n", stderr)
        _exit(1)
      }
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else { throw ProbeFailure("a child ended with \(status)") }
    return withGrandchild ? 2 : 1
  }

  private func actAsChild() throws {
    for _ in 0..<Self.reads { try Work.readOnce(sessions) }
    guard try !sessions.blocking.exists("nobody") else { throw ProbeFailure("there is somebody") }
    // Its own connection, and no copy of its parent's.
    let sockets = (0..<1024).count { number in
      var status = stat()
      return fstat(Int32(number), &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }
    guard sockets == 1 else { throw ProbeFailure("\(sockets) sockets are open") }
    for _ in 0..<Self.reads { try Work.readOnce(sessions) }
  }
}

/// What the threads of the parent do meanwhile.
private final class Work: Sendable {
  let sessions: SessionClient
  let isOver = Atomic<Bool>(false)
  let hits = Atomic<Int>(0)
  let failure = Guarded<(any Error)?>(nil)

  init(_ sessions: SessionClient) {
    self.sessions = sessions
  }

  static func readOnce(_ sessions: SessionClient) throws {
    let number = try sessions.blocking.get("forked", "n", as: Int.self)
    guard number == 1 else { throw ProbeFailure("read \(number ?? 0)") }
  }

  func readMapped() {
    repeating {
      try Self.readOnce(sessions)
      hits.wrappingAdd(1, ordering: .relaxed)
    }
  }

  func askDaemon() {
    repeating {
      guard try !sessions.blocking.exists("nobody") else { throw ProbeFailure("there is somebody") }
    }
  }

  private func repeating(_ body: () throws -> Void) {
    do {
      while !isOver.load(ordering: .relaxed) { try body() }
    } catch {
      failure.withLock { $0 = error }
    }
  }
}

internal import SessionWire
internal import SystemCalls

/// Who waits for a reply, and so how it is told. Requests on the engine's own account have nobody.
enum Waiter: Sendable {
  /// A suspended task.
  case task(CheckedContinuation<ReplyLine, any Error>)
  /// A thread that blocks.
  case thread(BlockedThread)

  /// Hands the result over; once.
  func resume(with result: Result<ReplyLine, SessionError>) {
    switch self {
    case .task(let continuation): continuation.resume(with: result.mapError { $0 as any Error })
    case .thread(let thread): thread.resume(with: result)
    }
  }
}

/// A thread that sleeps until its reply has come (pthread_cond_wait(3)).
final class BlockedThread: @unchecked Sendable {
  // Safe to share: `result` is reached under `lock` alone.
  private let lock = MutexLock()
  private var result: Result<ReplyLine, SessionError>?

  /// Waits for `resume`. The engine keeps the deadline, and resumes every waiter once.
  func wait() throws(SessionError) -> ReplyLine {
    try lock.withLock { () throws(SessionError) in
      while true {
        if let result { return try result.get() }
        lock.wait(nanoseconds: nil)
      }
    }
  }

  func resume(with result: Result<ReplyLine, SessionError>) {
    lock.withLock {
      self.result = result
      lock.signal()
    }
  }
}

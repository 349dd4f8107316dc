internal import SessionWire

/// What a lost connection means for a request whose reply did not come.
enum Repetition: Sendable {
  /// Changes nothing but the idle time: sent again.
  case read
  /// Has the same outcome when it is executed twice, and brings no ended session back: sent again.
  case idempotentWrite
  /// Would count or compare twice, or might undo what somebody else did after the first time: never sent
  /// again once it may have reached the daemon.
  case never
}

/// One request between whoever waits for it and the connection.
///
/// The variables are guarded by the lock of the `ConnectionEngine` that the request was given to.
final class PendingRequest: @unchecked Sendable {
  typealias Instant = ContinuousClock.Instant

  enum Stage {
    case unsubmitted, unsent, sent, postponed
  }

  let repetition: Repetition
  /// What the engine itself wants, if it is no caller's request. Nobody waits for it, and it has no deadline.
  let errand: Errand?
  /// When the caller stops waiting.
  let deadline: Instant
  /// The request line; emptied as soon as it can't be needed again.
  var line: [UInt8]
  /// When the caller stops waiting for a connection, while there is none.
  var connectBy: Instant
  /// Which of the pipeline's queues holds it, if any does yet.
  var stage = Stage.unsubmitted
  /// How often the whole line was handed to the kernel for a daemon that may have executed it.
  var timesSent = 0
  /// The reply came before the line was sent to its end, and no other one follows.
  var isAnswered = false
  /// How often a daemon that was shutting down declined it.
  var timesPostponed = 0
  /// The caller has its answer, or gave up. What still comes for this request is swallowed.
  private(set) var isSettled = false
  /// The caller, until it has its answer; nothing while it looks for it.
  var waiter: Waiter?
  /// The answer, if it came while the caller looked.
  fileprivate(set) var result: Result<ReplyLine, SessionError>?
  /// Since when it waits for the daemon and for nobody else, in nanoseconds of CLOCK_BOOTTIME; nothing if there
  /// were other requests before it.
  var aloneSince: Int64?

  init(line: [UInt8], repetition: Repetition, deadline: Instant, connectBy: Instant) {
    self.line = line
    self.repetition = repetition
    self.deadline = deadline
    self.connectBy = connectBy
    errand = nil
  }

  init(line: [UInt8], errand: Errand) {
    self.line = line
    self.errand = errand
    repetition = .never
    deadline = .now
    connectBy = deadline
  }

  /// Whether somebody will want to hear that time is over.
  var isAwaited: Bool { errand == nil && !isSettled }

  /// Settles the request; false if it was settled before.
  func settle() -> Bool {
    if isSettled { return false }
    isSettled = true
    return true
  }

  /// Takes the caller out, so that it can be resumed exactly once.
  func takeWaiter() -> Waiter? {
    defer { waiter = nil }
    return waiter
  }
}

/// A request and what to tell its caller, once the lock is given back.
struct Settlement: Sendable {
  let request: PendingRequest
  let result: Result<ReplyLine, SessionError>
  private let waiter: Waiter?

  /// Made under the lock.
  init(_ request: PendingRequest, _ result: Result<ReplyLine, SessionError>) {
    self.request = request
    self.result = result
    waiter = request.takeWaiter()
    if waiter == nil { request.result = result }
  }

  /// Tells the caller. Never called under the lock, and once.
  func deliver() {
    waiter?.resume(with: result)
  }
}

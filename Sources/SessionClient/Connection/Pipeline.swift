internal import SessionWire

/// The requests of one client in the order of their replies. Pure: bytes and replies come in, and what
/// to tell the callers goes out.
///
/// A request stands in one of three queues. `unsent` are those whose line was not yet handed to the
/// kernel as a whole: a daemon executes no line without its end, so these were provably not executed.
/// `sent` wait for their replies. `postponed` were declined by a daemon that is shutting down, and go to
/// the next one. All requests of a client have the same timeout, so every queue is ordered by deadline, but
/// for the engine's own errands among them, which have none.
struct Pipeline {
  typealias Instant = ContinuousClock.Instant

  /// More requests than this, those included that were given up but still have a reply to come, are
  /// refused: it bounds the memory when a daemon hangs.
  static let requestsMax = 262_144
  /// A request goes out at most this many times: one that makes a daemon fall shall not do so for ever.
  static let sendsMax = 3
  /// Lines are gathered up to about this size for one send(2).
  static let gatherBytes = 64 * 1024

  var unsent = Queue<PendingRequest>()
  var sent = Queue<PendingRequest>()
  var postponed = Queue<PendingRequest>()
  /// How many bytes of the first unsent line the kernel has already.
  var headOffset = 0
  /// How many requests at the front of `sent` are known to be awaited by nobody.
  var unawaitedPrefix = 0
  /// Callers that still wait.
  private(set) var waitingCount = 0
  /// The daemon said that it is shutting down: nothing more is sent on this connection.
  var isDraining = false
  /// No reply has come on this connection yet.
  var isFresh = true

  var count: Int { unsent.count + sent.count + postponed.count }
  var isFull: Bool { count >= Self.requestsMax }
  var hasUnsent: Bool { !unsent.isEmpty }
  /// Something is still to come on the connection.
  var awaitsReplies: Bool { !sent.isEmpty || hasUnsent }
  /// On a connection that is being left, every reply has come.
  var isDrained: Bool { isDraining && sent.isEmpty }

  /// Takes a new request.
  mutating func append(_ request: PendingRequest) {
    precondition(!request.isSettled && request.stage == .unsubmitted, "a request is appended once")
    request.stage = .unsent
    if request.errand == nil { waitingCount += 1 }
    unsent.append(request)
  }

  /// Takes an errand that is to be the first thing said on a new connection.
  mutating func prepend(_ request: PendingRequest) {
    precondition(request.errand != nil && isFresh && headOffset == 0 && sent.isEmpty, "the connection is new")
    request.stage = .unsent
    unsent.prepend(request)
  }

  /// Answers the caller of a request, unless that was done before.
  mutating func settle(
    _ request: PendingRequest, _ result: Result<ReplyLine, SessionError>, into settlements: inout [Settlement]
  ) {
    guard abandon(request) else { return }
    settlements.append(Settlement(request, result))
  }

  /// The caller gave up; false if it has its answer already. A line that was partly sent is sent to its
  /// end, and its reply swallowed.
  mutating func abandon(_ request: PendingRequest) -> Bool {
    guard request.settle() else { return false }
    // Nobody waits yet for one that was given up before it came here.
    if request.stage != .unsubmitted, request.errand == nil { waitingCount -= 1 }
    // Nothing sends a settled request again, so the memory of its line is free.
    if request.stage == .sent { request.line = [] }
    return true
  }
}

import SessionWire

/// One client's side of the protocol, apart from its socket: bytes in, replies out, in order. It says
/// when it can't go on, and why; the reactor acts on it.
struct Conversation {
  /// Why serving paused.
  enum Pause: Equatable {
    /// Every whole line is answered.
    case needsInput
    /// So much is to be sent, or so many descriptors, that the rest of the input has to wait: a client that
    /// does not read its replies costs this much memory and no more.
    case replyIsLong
    /// It has had its share of the thread's time; others come first now.
    case turnIsOver
    /// A long request, such as a FLUSH, is half-way through.
    case requestIsLong
    /// A request waits for the store: `deliver` takes the answer to this ticket, then `goOn` goes on.
    case requestIsParked(ticket: UInt64)
    /// The client said QUIT.
    case closing
  }

  /// Replies past this are sent before another request is looked at.
  static let replyBytesMost = 256 * 1024
  /// How long one connection is served at a stretch, in nanoseconds: a few lines can ask for very
  /// much. The line that reaches it is finished.
  static let turnNanoseconds: Int64 = 1_000_000

  /// Descriptors that are sent before another request is looked at. Each takes a sendmsg(2), so that this
  /// bounds the time that a turn takes; nobody has use for more than one.
  static let descriptorsMost = 64

  private let caller: Caller
  private var lines: LineReader
  /// What has come and was not served yet, from the beginning of a line on.
  private var input: [UInt8] = []
  /// What is half-way through.
  private var unfinished: LongRequest?
  /// What waits for the store, and the answer once it is there.
  private var parked: ParkedRequest?
  private var answer: StoreAnswer?
  /// What the client watches.
  private(set) var watch: Watch?
  private var isClosing = false
  /// How many lines were taken: a slow client is one that finishes none.
  private(set) var linesTaken = 0

  init(caller: Caller, lineBytesMost: Int) {
    self.caller = caller
    lines = LineReader(limit: lineBytesMost)
  }

  /// Whether the beginning of a line is waiting for its end.
  var hasPartialLine: Bool { !input.isEmpty || lines.isSkipping }

  /// Bytes that are held for the client: input that waits to be served or was parked, changes that wait for the store, and
  /// the ids that it watches.
  var heldBytes: Int { input.count + (watch?.sessions.byteCount ?? 0) + (parked?.heldBytes ?? 0) }

  /// How long the parked request may wait, in nanoseconds.
  var patience: Int64 { parked?.patience ?? 0 }

  mutating func setLineLimit(_ bytes: Int) { lines.limit = bytes }

  /// Serves the first `count` bytes of `bytes`, after what was left over or is half-way through; keeps
  /// what can't be served yet.
  mutating func take(
    _ bytes: inout [UInt8], count: Int, _ executor: RequestExecutor, now: inout Int64, reply: inout ReplyBatch
  ) -> Pause {
    guard input.isEmpty, unfinished == nil, parked == nil else {
      input.append(contentsOf: bytes[..<count])
      return goOn(executor, now: &now, reply: &reply)
    }
    var position = 0
    let pause = serve(&bytes, count, &position, executor, &now, &reply)
    if position < count { input.append(contentsOf: bytes[position..<count]) }
    return pause
  }

  /// Takes the answer to what the parked request waits for.
  ///
  /// - Returns: whether it waits for that.
  mutating func deliver(_ reply: StoreReply) -> Bool {
    guard let parked, parked.ticket == reply.ticket, answer == nil else { return false }
    answer = reply.answer
    return true
  }

  /// Goes on with what is left over.
  mutating func goOn(_ executor: RequestExecutor, now: inout Int64, reply: inout ReplyBatch) -> Pause {
    if let pause = goOnParked(executor, now: &now, reply: &reply) { return pause }
    if var request = unfinished {
      let isDone = executor.goOn(&request, reply: &reply.bytes)
      unfinished = isDone ? nil : request
      guard isDone else { return .requestIsLong }
    }
    var pending: [UInt8] = []
    swap(&pending, &input)
    var position = 0
    let pause = serve(&pending, pending.count, &position, executor, &now, &reply)
    if position < pending.count {
      pending.removeSubrange(..<position)
      swap(&pending, &input)
    }
    return pause
  }

  /// nil: nothing is parked any more.
  private mutating func goOnParked(
    _ executor: RequestExecutor, now: inout Int64, reply: inout ReplyBatch
  ) -> Pause? {
    guard let request = parked else { return nil }
    guard request.isRunnable || answer != nil else { return .requestIsParked(ticket: request.ticket) }
    let outcome = executor.resume(
      request, answer.take(), caller: caller, watch: &watch, now: &now, reply: &reply)
    guard case .parked(let again) = outcome else {
      parked = nil
      return nil
    }
    return park(again)
  }

  private mutating func park(_ request: ParkedRequest) -> Pause {
    parked = request
    return request.isRunnable ? .requestIsLong : .requestIsParked(ticket: request.ticket)
  }

  /// The client has closed its side: an unfinished line is never executed, since nobody knows what was
  /// to follow.
  mutating func end(reply: inout ReplyBatch) {
    guard hasPartialLine, !isClosing else { return }
    if !lines.isSkipping {
      reply.bytes.appendError(RequestError(.syntax, "the last line has no end; it was not executed"))
    }
    input = []
  }

  /// The client is to hear nothing more but a last line: it did not keep up with what it watches.
  mutating func endTooSlow(reply: inout ReplyBatch) {
    guard let watch else { return }
    reply.bytes.appendError(.tooSlow(after: watch.position))
    self.watch = nil
    isClosing = true
    unfinished = nil
    (parked, answer) = (nil, nil)
    input = []
  }

  private mutating func serve(
    _ bytes: inout [UInt8], _ count: Int, _ position: inout Int, _ executor: RequestExecutor,
    _ now: inout Int64,
    _ reply: inout ReplyBatch
  ) -> Pause {
    var span = bytes.mutableSpan
    let end = now + Self.turnNanoseconds
    while true {
      if isClosing {
        position = count
        return .closing
      }
      guard reply.bytes.count < Self.replyBytesMost,
        reply.descriptorPositions.count < Self.descriptorsMost
      else { return .replyIsLong }
      guard now < end else { return .turnIsOver }
      switch lines.next(in: span.span.extracting(..<count), from: &position) {
      case .incomplete: return .needsInput
      case .tooLong:
        linesTaken += 1
        reply.bytes.appendError(
          RequestError(.tooLarge, "the line has more than \(lines.limit) bytes; it is skipped to its end"))
      case .line(let line):
        linesTaken += 1
        let outcome = executor.execute(
          &span, line: line, caller: caller, watch: &watch, now: &now, reply: &reply)
        switch outcome {
        case .next: continue
        case .close:
          isClosing = true
          watch = nil
        case .unfinished(let request):
          unfinished = request
          return .requestIsLong
        case .parked(let request): return park(request)
        }
      }
    }
  }
}

import SystemCalls

/// A client's connection: its socket, its conversation, and what could not be sent yet. Idle ones hold
/// no buffer.
final class Connection {
  let socket: StreamSocket
  let uid: UInt32
  var conversation: Conversation
  /// Which events epoll tells of now.
  var interest: Epoll.Interest = .read
  /// The client has closed its side.
  var hasEnded = false
  /// To be closed once everything is sent.
  var isClosing = false
  /// Waits for another turn without an event of its own.
  var isRunnable = false
  /// By which the store's answer to its parked request will be known; nil: none is parked.
  var ticket: UInt64?
  /// When the line began that is not finished yet, nanoseconds of CLOCK_BOOTTIME.
  var partialSince: Int64?
  /// When it is closed even if its last line was not taken, nanoseconds of CLOCK_BOOTTIME.
  var closesAt: Int64?
  /// What its reactor knows of `conversation.watch`.
  var notedWatch: Watch?
  private var outbox = Outbox()

  init(_ socket: consuming StreamSocket, uid: UInt32, conversation: Conversation) {
    self.socket = socket
    self.uid = uid
    self.conversation = conversation
  }

  /// What the ledger knows of `bufferedBytes`.
  var chargedBytes = 0

  var hasOutput: Bool { !outbox.isEmpty }

  /// Bytes that are held for the client: unserved input, ids that it watches, and unsent replies.
  var bufferedBytes: Int { conversation.heldBytes + outbox.byteCount }

  /// Sends replies, behind what waits already; what does not go now is kept.
  ///
  /// - Parameter batch: afterwards of no use to the caller.
  func send(_ batch: inout ReplyBatch, _ segment: SegmentHandout) throws(SystemCallError) {
    try outbox.send(&batch, over: socket, segment)
  }

  /// Sends what waits; whether all of it went.
  func sendOutput(_ segment: SegmentHandout) throws(SystemCallError) -> Bool {
    try outbox.sendWaiting(over: socket, segment)
  }
}

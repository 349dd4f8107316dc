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
  /// When the line began that is not finished yet, nanoseconds of CLOCK_BOOTTIME.
  var partialSince: Int64?
  private var output: [UInt8] = []
  private var sent = 0

  init(_ socket: consuming StreamSocket, uid: UInt32, conversation: Conversation) {
    self.socket = socket
    self.uid = uid
    self.conversation = conversation
  }

  /// What the ledger knows of `bufferedBytes`.
  var chargedBytes = 0

  var hasOutput: Bool { !output.isEmpty }

  /// Bytes that are held for the client: unserved input and unsent replies.
  var bufferedBytes: Int { conversation.inputBytes + output.count }

  /// Sends a reply, behind what waits already; what does not go now is kept.
  func send(_ reply: [UInt8]) throws(SystemCallError) {
    guard !reply.isEmpty else { return }
    guard output.isEmpty else { return output.append(contentsOf: reply) }
    let count = try socket.send(reply, from: 0) ?? 0
    if count < reply.count { output.append(contentsOf: reply[count...]) }
  }

  /// Sends what waits; whether all of it went.
  func sendOutput() throws(SystemCallError) -> Bool {
    while sent < output.count {
      guard let count = try socket.send(output, from: sent) else { return false }
      sent += count
    }
    output = []
    sent = 0
    return true
  }
}

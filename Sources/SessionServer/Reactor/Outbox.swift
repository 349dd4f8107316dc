import SessionWire
import SystemCalls

/// What a client is to be sent and its socket has not taken yet.
struct Outbox {
  private var waiting = ReplyBatch()
  /// How many bytes of `waiting` have gone.
  private var sent = 0

  var isEmpty: Bool { waiting.bytes.isEmpty }

  /// Bytes that it holds.
  var byteCount: Int { waiting.bytes.count }

  /// Sends replies, behind what waits already; what does not go now is kept.
  ///
  /// - Parameter batch: afterwards of no use to the caller.
  mutating func send(
    _ batch: inout ReplyBatch, over socket: borrowing StreamSocket, _ segment: SegmentHandout
  ) throws(SystemCallError) {
    guard !batch.bytes.isEmpty else { return }
    guard isEmpty else { return waiting.append(batch, from: 0) }
    let position = try Self.push(&batch, from: 0, over: socket, segment)
    if position < batch.bytes.count { waiting.append(batch, from: position) }
  }

  /// Sends what waits; whether all of it went.
  mutating func sendWaiting(
    over socket: borrowing StreamSocket, _ segment: SegmentHandout
  ) throws(SystemCallError) -> Bool {
    sent = try Self.push(&waiting, from: sent, over: socket, segment)
    guard sent == waiting.bytes.count else { return false }
    self = Outbox()
    return true
  }

  /// Sends from `position` on until the socket takes no more.
  ///
  /// - Returns: up to where it went.
  private static func push(
    _ batch: inout ReplyBatch, from position: Int, over socket: borrowing StreamSocket,
    _ segment: SegmentHandout
  ) throws(SystemCallError) -> Int {
    var position = position
    while position < batch.bytes.count {
      let piece = batch.piece(from: position)
      let count: Int?
      do throws(SystemCallError) {
        count = try socket.send(
          batch.bytes, piece.range, with: piece.carriesDescriptor ? segment.descriptor : nil)
      } catch {
        guard piece.carriesDescriptor else { throw error }
        // The peer may refuse descriptors, or too many may be under way; if it is gone altogether, the next
        // call says so.
        batch.refuseFirstDescriptor(segment.refusal(error))
        continue
      }
      guard let count else { break }
      if piece.carriesDescriptor {
        batch.removeFirstDescriptor()
        segment.noteHandedOut()
      }
      position += count
      if count < piece.range.count { break }
    }
    return position
  }
}

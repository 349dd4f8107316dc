internal import SessionWire
internal import SystemCalls

/// What receiving takes: one at a time does it, the client's thread or a caller that looks for its reply.
struct ReplyReceiver: ~Copyable {
  private var reader = ReplyReader(lineBytesMax: 0)
  /// Empty until there is a connection.
  private var buffer: [UInt8] = []
  /// A MAP was sent and not answered yet: a descriptor may come.
  private var awaitsDescriptor = false
  /// The descriptor that came, until the reply that it belongs to is read to its end.
  private var handedOver: Descriptor?

  /// Replies are received in pieces of up to this many bytes.
  private static let receiveBytes = 64 * 1024

  /// Begins with a new connection.
  ///
  /// - Parameters:
  ///   - lineBytesMax: the longest reply taken.
  ///   - awaitsDescriptor: whether MAP is the first that is asked.
  mutating func begin(lineBytesMax: Int, awaitsDescriptor: Bool) {
    reader = ReplyReader(lineBytesMax: lineBytesMax)
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.receiveBytes) }
    self.awaitsDescriptor = awaitsDescriptor
    handedOver = nil
  }

  /// MAP was sent; nobody has received since.
  mutating func expectDescriptor() {
    awaitsDescriptor = true
  }

  /// The reply to MAP was read, or none will come: what came with it, if anything did.
  mutating func takeDescriptor() -> Descriptor? {
    awaitsDescriptor = false
    return handedOver.take()
  }

  enum Received {
    /// Whole replies, if any; why the bytes after them can't be trusted; whether there may be more to receive.
    case replies([ReplyLine], violation: String?, mayBeMore: Bool)
    case nothingYet
    case ended
  }

  /// Receives one piece of what is there, and does not wait.
  mutating func receive(over connection: SocketConnection) -> Received {
    let received =
      awaitsDescriptor ? connection.receive(into: &buffer, &handedOver) : connection.receive(into: &buffer)
    switch received {
    case .nothingYet: return .nothingYet
    case .ended: return .ended
    case .bytes(let count):
      let (replies, violation) = reader.read(buffer[..<count])
      return .replies(replies, violation: violation, mayBeMore: count == buffer.count)
    }
  }
}

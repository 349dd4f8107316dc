import SessionWire

/// Replies in order, on their way to one client; with some of them goes the segment's descriptor.
struct ReplyBatch {
  var bytes: [UInt8] = []
  /// Where the replies begin that a descriptor goes with, in order.
  private(set) var descriptorPositions: [Int] = []

  /// What one call can send.
  struct Piece: Equatable {
    let range: Range<Int>
    /// Whether a descriptor goes with its first byte.
    let carriesDescriptor: Bool
  }

  /// With the reply that is appended next goes a descriptor.
  mutating func attachDescriptor() {
    descriptorPositions.append(bytes.count)
  }

  /// What comes from `position` on: up to the next reply that a descriptor goes with, so that the
  /// descriptor goes neither before nor behind that reply's first byte.
  func piece(from position: Int) -> Piece {
    let carriesDescriptor = descriptorPositions.first == position
    let next = descriptorPositions.dropFirst(carriesDescriptor ? 1 : 0).first ?? bytes.count
    return Piece(range: position..<next, carriesDescriptor: carriesDescriptor)
  }

  /// The first descriptor that was still to go has gone.
  mutating func removeFirstDescriptor() {
    descriptorPositions.removeFirst()
  }

  /// Puts an error in the place of the first reply that a descriptor was still to go with.
  mutating func refuseFirstDescriptor(_ error: RequestError) {
    let start = descriptorPositions.removeFirst()
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
    var line: [UInt8] = []
    line.appendError(error)
    bytes.replaceSubrange(start..<end, with: line)
    let change = line.count - (end - start)
    for index in descriptorPositions.indices { descriptorPositions[index] += change }
  }

  /// Appends what another batch has from `position` on.
  mutating func append(_ other: ReplyBatch, from position: Int) {
    let change = bytes.count - position
    bytes.append(contentsOf: other.bytes[position...])
    descriptorPositions.append(contentsOf: other.descriptorPositions.map { $0 + change })
  }

  mutating func removeAll(keepingCapacity: Bool) {
    bytes.removeAll(keepingCapacity: keepingCapacity)
    descriptorPositions.removeAll(keepingCapacity: keepingCapacity)
  }
}

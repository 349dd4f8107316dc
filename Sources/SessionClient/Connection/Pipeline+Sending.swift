extension Pipeline {
  /// Hands lines to `write` for as long as it takes them all; `write` gets bytes and an offset to begin at,
  /// and returns how many it took.
  mutating func flush(_ write: (_ bytes: [UInt8], _ offset: Int) -> Int) {
    guard !isDraining else { return }
    while true {
      dropGivenUp()
      guard let head = unsent.first else { return }
      let taken: Int
      let offered: Int
      if unsent.count == 1 || head.line.count - headOffset >= Self.gatherBytes {
        offered = head.line.count - headOffset
        taken = write(head.line, headOffset)
      } else {
        let bytes = gather()
        offered = bytes.count
        taken = write(bytes, 0)
      }
      account(for: taken)
      if taken < offered { return }
    }
  }

  /// Forgets requests that were given up before any byte of them was sent.
  mutating func dropGivenUp() {
    let partlySent = headOffset > 0 ? unsent.popFirst() : nil
    while let head = unsent.first, head.isSettled { _ = unsent.popFirst() }
    if let partlySent { unsent.prepend(partlySent) }
  }

  private mutating func gather() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.gatherBytes)
    var position = 0
    while position < unsent.count, bytes.count < Self.gatherBytes {
      let request = unsent[position]
      // One given up in the middle of the queue stops the batch, and is dropped before the next.
      if position > 0, request.isSettled { break }
      bytes.append(contentsOf: position == 0 ? request.line[headOffset...] : request.line[...])
      position += 1
    }
    return bytes
  }

  private mutating func account(for taken: Int) {
    var taken = taken
    while taken > 0, let head = unsent.first {
      let left = head.line.count - headOffset
      guard taken >= left else {
        headOffset += taken
        return
      }
      taken -= left
      headOffset = 0
      _ = unsent.popFirst()
      if head.isAnswered { continue }
      head.timesSent += 1
      head.stage = .sent
      if head.isSettled { head.line = [] }
      sent.append(head)
    }
  }
}

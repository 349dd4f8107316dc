import SessionSegment

/// Writes a record's bytes one after the other as whole words, since readers may look at its block at any
/// time, and sums them up on the way.
struct WordWriter {
  // Unsafe memory: whoever makes a writer vouches that the block has room for all that is appended.
  private var place: UnsafeMutableRawPointer
  private var pending: UInt64 = 0
  private var pendingBits: UInt64 = 0
  private(set) var checksum: RecordChecksum

  /// - Parameter place: a multiple of eight.
  init(at place: UnsafeMutableRawPointer, checksum: RecordChecksum) {
    self.place = place
    self.checksum = checksum
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    // A copy, which lies in registers: of the writer itself the compiler can't know that it is not in the block.
    var writer = self
    var offset = 0
    if pendingBits > 0, bytes.count >= 8 {
      // The first bytes fill the word up that was begun. What is behind them begins one.
      writer.put(pending | bytes.loadUnaligned(as: UInt64.self) &<< pendingBits)
      offset = 8 &- Int(truncatingIfNeeded: pendingBits / 8)
      (writer.pending, writer.pendingBits) = (0, 0)
    }
    if writer.pendingBits == 0 {
      // Four at a time: the loop costs as much as the words otherwise.
      while bytes.count &- offset >= 32 {
        for place in 0..<4 {
          writer.put(bytes.loadUnaligned(fromByteOffset: offset &+ place &* 8, as: UInt64.self))
        }
        offset &+= 32
      }
      while bytes.count &- offset >= 8 {
        writer.put(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset &+= 8
      }
    }
    self = writer
    let rest = bytes.count - offset
    if rest > 0 { append(PartialWord.load(bytes, from: offset, count: rest), bytes: rest) }
  }

  /// Appends the low bytes of a word, one to eight; those above them are zero.
  mutating func append(_ word: UInt64, bytes: Int) {
    let filled = pendingBits + UInt64(bytes) * 8
    let whole = pending | word << pendingBits
    guard filled >= 64 else {
      pending = whole
      pendingBits = filled
      return
    }
    put(whole)
    pending = word >> (64 - pendingBits)
    pendingBits = filled - 64
  }

  /// Fills the last word up with zeros.
  mutating func finish() {
    guard pendingBits > 0 else { return }
    put(pending)
    pending = 0
    pendingBits = 0
  }

  @inline(__always)
  private mutating func put(_ word: UInt64) {
    SharedWords.store(word, at: place)
    checksum.add(word)
    place += 8
  }
}

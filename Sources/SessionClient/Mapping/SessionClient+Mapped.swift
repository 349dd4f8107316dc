internal import CLinux
internal import SessionSegment
internal import SystemCalls

/// What came of a read out of the mapping.
@usableFromInline
enum MappedAnswer {
  case found
  /// The session is there, and has no such key.
  case noSuchKey
  /// The daemon must be asked.
  case unknown
}

/// The hot path. It is kept flat: no allocation, no lock, no reference counting up to the value itself.
extension SessionClient {
  /// Values up to this size, or sessions where they are asked for whole, are copied to the stack.
  private static let stackBytes = 1024
  /// A session that keeps outgrowing its buffer is asked of the daemon.
  private static let growthsMost = 4
  /// Of sessions with a shorter time to live than this many nanoseconds, or with less of it left, uses are told
  /// at once.
  private static let lazySlideMin: Int64 = 1_000_000_000
  /// The kernel's ticks are milliseconds apart: a session that ends more than so many nanoseconds after the
  /// last one lives for certain.
  private static let tickMargin: Int64 = 1_000_000_000

  /// Reads the value of one key.
  ///
  /// - Parameter use: gets the JSON text. Called at most once, and only if it was found.
  @inline(__always)
  func readMapped(
    _ session: String, _ key: String, sliding: Bool, _ use: (Span<UInt8>) -> Void
  ) -> MappedAnswer {
    readMapped(session, sliding: sliding) { reader, id, now, buffer in
      key.utf8.withContiguousStorageIfAvailable { key in
        reader.value(id, UnsafeRawBufferPointer(key), at: now, into: buffer)
      } ?? .doubt
    } _: { bytes in
      use(bytes.assumingMemoryBound(to: UInt8.self).span)
    }
  }

  /// Reads a whole session.
  ///
  /// - Parameter use: gets the record. Called at most once, and only if it was found.
  @inline(__always)
  func readMapped(
    _ session: String, sliding: Bool, _ use: (borrowing RecordView) -> Void
  ) -> MappedAnswer {
    readMapped(session, sliding: sliding) { reader, id, now, buffer in
      reader.record(id, at: now, into: buffer)
    } _: { bytes in
      // The reader has checked that these bytes are one whole record, and they are this thread's own.
      guard let base = bytes.baseAddress else { return }
      use(RecordView(at: UnsafeMutableRawPointer(mutating: base)))
    }
  }

  /// How many nanoseconds the session has left if nobody uses it; nil if the daemon must be asked.
  func remainingMapped(_ session: String) -> Int64? {
    let gate = gate
    guard let view = gate.pointee.view else { return nil }
    let now = linux_boottime_ns()
    guard now < gate.pointee.closesAt else { return nil }
    let heading = session.utf8.withContiguousStorageIfAvailable { id in
      view.pointee.reader.heading(UnsafeRawBufferPointer(id), at: now)
    }
    if heading.flatMap(\.self) == nil, view.pointee.reader.isSuperseded { engine.noteSuperseded(view) }
    return heading.flatMap(\.self).map { $0.end &- now }
  }

  @inline(__always)
  private func readMapped(
    _ session: String, sliding: Bool,
    _ read: (
      _ reader: SegmentReader, _ id: UnsafeRawBufferPointer, _ now: Int64, UnsafeMutableRawBufferPointer
    ) -> SegmentReader.Outcome,
    _ use: (UnsafeRawBufferPointer) -> Void
  ) -> MappedAnswer {
    let gate = gate
    guard let view = gate.pointee.view else { return .unknown }
    let now = gate.pointee.clock.recent()
    guard now < gate.pointee.closesAt else { return .unknown }

    func lookUp(at now: Int64, _ buffer: UnsafeMutableRawBufferPointer) -> SegmentReader.Outcome? {
      session.utf8.withContiguousStorageIfAvailable { id in
        read(view.pointee.reader, UnsafeRawBufferPointer(id), now, buffer)
      }
    }

    /// - Parameter bytesNeeded: set if the buffer is too small.
    func attempt(_ buffer: UnsafeMutableRawBufferPointer, _ bytesNeeded: inout Int) -> MappedAnswer {
      // The buffer is not initialized; of what is in it only the bytes that the reader puts there are used.
      var outcome = lookUp(at: now &+ Self.tickMargin, buffer)
      // Of a session in its last second only the exact clock can tell whether it is over.
      if case .missing = outcome { outcome = lookUp(at: linux_boottime_ns(), buffer) }
      switch outcome {
      case .found(let found):
        guard !sliding || slide(session, found, now, gate) else { return .unknown }
        gate.pointee.countHit()
        use(UnsafeRawBufferPointer(rebasing: buffer[found.bytes]))
        return .found
      case .noSuchKey(let found):
        guard !sliding || slide(session, found, now, gate) else { return .unknown }
        return .noSuchKey
      case .superseded:
        engine.noteSuperseded(view)
        return .unknown
      case .needs(let bytes):
        bytesNeeded = bytes
        return .unknown
      case .missing, .doubt, nil:
        return .unknown
      }
    }

    var bytesNeeded = 0
    let answer = withUnsafeTemporaryAllocation(byteCount: Self.stackBytes, alignment: 16) {
      attempt($0, &bytesNeeded)
    }
    // More than a reply may have is damage, or for the daemon to say.
    guard bytesNeeded > 0, bytesNeeded <= engine.options.replyBytesMax else { return answer }
    for _ in 0..<Self.growthsMost {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesNeeded, alignment: 16)
      defer { buffer.deallocate() }
      bytesNeeded = 0
      let answer = attempt(buffer, &bytesNeeded)
      if bytesNeeded == 0 { return answer }
    }
    return .unknown
  }

  /// Has the daemon told of a use where it is due; false if it must be told at once.
  @inline(__always)
  private func slide(
    _ session: String, _ found: SegmentReader.Found, _ now: Int64, _ gate: UnsafeMutablePointer<ReadGate>
  ) -> Bool {
    // One with a short time to live, or with little of it left, may be over before the batch is sent.
    guard found.ttl >= Self.lazySlideMin, found.deadline &- now > Self.lazySlideMin else { return false }
    let idle = now &- (found.deadline &- found.ttl)
    if idle >= found.ttl / 10 {
      gate.pointee.engine._withUnsafeGuaranteedRef {
        $0.noteUse(of: session, timeToLive: found.ttl, at: now)
      }
    }
    return true
  }
}

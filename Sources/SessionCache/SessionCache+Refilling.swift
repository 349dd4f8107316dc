import SessionSegment
import SystemCalls

extension SessionCache {
  /// A session on whose behalf room is made, and when.
  typealias Writer = (session: SparedSession, now: Int64)

  /// How blocks are got for a change.
  private enum Way {
    /// Nobody is ended for it.
    case refill
    /// Side by side with others, who may take what was got.
    case evict(Writer)
    /// With the room lock, so that nobody else takes apart what was got.
    case evictAlone(Writer)

    /// Each round gets the blocks wanted, which other threads may take first, so that the rounds are bounded. Of those
    /// that come to nothing alone each is one in which others found room for a change of theirs.
    var roundsMost: Int {
      switch self {
      case .refill, .evict: 64
      case .evictAlone: 4096
      }
    }
  }

  /// Makes a step again after getting the pages that it wanted. The caller holds no lock.
  ///
  /// - Parameter writer: the session on whose behalf others may be evicted, and when; nil: none may.
  func refilling<R>(
    for writer: Writer? = nil, _ step: () throws(Interruption) -> R
  ) throws(CacheError) -> R {
    var demand: BlockAllocator.Demand
    do throws(Interruption) {
      return try step()
    } catch {
      demand = try error.demand
    }
    if let writer, evictsWhenFull {
      if let result = try repeating(step, &demand, .evict(writer)) { return result }
      // What others have in hand at a moment is nobody's, and may have been all that there was.
      let result = try roomLock.withWriteLock { () throws(CacheError) in
        try repeating(step, &demand, .evictAlone(writer))
      }
      if let result { return result }
    }
    if let result = try repeating(step, &demand, .refill) { return result }
    askForCompaction()
    throw .full
  }

  /// - Parameter demand: what the step wanted that was made last.
  /// - Returns: nil if there are no blocks to be had in this way.
  private func repeating<R>(
    _ step: () throws(Interruption) -> R, _ demand: inout BlockAllocator.Demand, _ way: Way
  ) throws(CacheError) -> R? {
    for _ in 0..<way.roundsMost {
      let wanted = demand
      let hasBlocks =
        switch way {
        case .refill: allocator.refill(wanted)
        case .evict(let writer):
          roomLock.withReadLock {
            makeRoom(for: wanted, sparing: writer.session, isAlone: false, at: writer.now)
          }
        case .evictAlone(let writer):
          makeRoom(for: wanted, sparing: writer.session, isAlone: true, at: writer.now)
        }
      guard hasBlocks else { return nil }
      do throws(Interruption) {
        return try step()
      } catch {
        demand = try error.demand
      }
    }
    return nil
  }
}

extension Interruption {
  /// What is wanting; throws what can't be mended.
  fileprivate var demand: BlockAllocator.Demand {
    get throws(CacheError) {
      switch self {
      case .needsPages(let demand): return demand
      case .failed(let error): throw error
      }
    }
  }
}

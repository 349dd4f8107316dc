import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  /// So much is moved in one hold of a shard's lock: some tens of microseconds.
  private static let movedBytesAtOnce = 128 * 1024
  /// Not sooner after the last time than this, in nanoseconds: when a write found no memory, and when
  /// merely much of it lies fallow.
  private static let urgentInterval: Int64 = 1_000_000_000
  private static let idleInterval: Int64 = 10_000_000_000

  /// A write found no pages although the cache may not be full: sessions of other sizes may lie scattered
  /// over more runs than they need.
  func askForCompaction() {
    guard allocator.isSparse, !isCompactionAsked.exchange(true, ordering: .relaxed) else { return }
    wakeForCompaction()
  }

  /// Compacts if it is asked for or worth it. Part of a sweep.
  ///
  /// - Returns: the moment to come again for it, `Int64.max` for none.
  func compactIfDue(at now: Int64, pause: () -> Bool) -> Int64 {
    let isAsked = isCompactionAsked.load(ordering: .relaxed)
    guard isAsked || allocator.isVerySparse else { return .max }
    let due = lastCompaction.load(ordering: .relaxed) + (isAsked ? Self.urgentInterval : Self.idleInterval)
    guard now >= due else { return isAsked ? due : .max }
    compact(pause: pause)
    lastCompaction.store(now, ordering: .relaxed)
    isCompactionAsked.store(false, ordering: .relaxed)
    return .max
  }

  /// Moves the records of runs that are hardly used into fuller ones of the same class, so that pages
  /// become free for sessions of other sizes. To readers it looks like a rewrite that changed nothing: a
  /// record is whole in its new block, under its old version and a new stamp, before the one store that shows it. One
  /// thread at a time, the one that sweeps.
  ///
  /// - Parameter pause: called between two short holds of a shard's lock; false stops it.
  public func compact(pause: () -> Bool) {
    guard joinSparsePages(pause: pause), let evacuation = allocator.beginEvacuation() else { return }
    defer { allocator.endEvacuation() }
    var mayRefill = true
    for shard in shards {
      var cursor: PageCursor? = .start
      while let place = cursor {
        var moved: [Int] = []
        moved.reserveCapacity(BucketPage.slots)
        let (step, next) = shard.lock.withWriteLock { () -> (MoveStep, PageCursor?) in
          let page = shard.page(at: place)
          return (
            move(evacuation, page, of: shard, skipsWhatLacksRoom: !mayRefill, from: &moved),
            place.next(depth: page.depth)
          )
        }
        for offset in moved { release(offset) }
        switch step {
        case .done: cursor = next
        case .more: break
        // What is in the spare may want pages; once there are none it stays there.
        case .lacksRoom(let bytes):
          mayRefill = roomLock.withReadLock { allocator.refill(.init(bytes: bytes, isMove: true)) }
        }
        // A write that would be refused otherwise takes back what is kept free here.
        guard pause(), allocator.isEvacuating else { return }
      }
    }
  }

  private enum MoveStep {
    case done
    case more
    case lacksRoom(Int)
  }

  /// The index first: its pages lie among the runs. Whether it came to the end.
  private func joinSparsePages(pause: () -> Bool) -> Bool {
    for shard in shards {
      var cursor: PageCursor? = .start
      while let place = cursor {
        cursor = shard.lock.withWriteLock {
          shard.joinIfSparse(at: place)
          return place.next(depth: shard.page(at: place).depth)
        }
        guard pause() else { return false }
      }
    }
    return true
  }

  private func move(
    _ evacuation: Evacuation, _ page: BucketPage, of shard: IndexShard, skipsWhatLacksRoom: Bool,
    from moved: inout [Int]
  ) -> MoveStep {
    var rest = Self.movedBytesAtOnce
    for slot in 0..<BucketPage.slots {
      let word = page.slot(slot)
      guard !word.isEmpty, evacuation.contains(word.offset) else { continue }
      guard rest > 0 else { return .more }
      let old = shard.record(at: word.offset)
      // One that was moved so often without a change stays where it is.
      guard let stamp = old.stamp.moved else { continue }
      guard let offset = allocator.allocateForMove(old.size) else {
        if skipsWhatLacksRoom { continue }
        return .lacksRoom(old.size)
      }
      let body = RecordLayout.deadline
      SharedWords.move(
        from: mapping.base + word.offset + body, bytes: RecordLayout.wholeWords(old.size) - body,
        to: mapping.base + offset + body)
      stamp.publish(at: mapping.base + offset)
      page.setSlot(slot, word.moved(to: offset))
      moved.append(word.offset)
      rest -= old.size
    }
    return .done
  }
}

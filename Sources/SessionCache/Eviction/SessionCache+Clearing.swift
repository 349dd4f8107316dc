import Glibc
import SessionSegment
import Synchronization
import SystemCalls

extension SessionCache {
  private enum Target: Equatable {
    case anywhere
    case spare
    /// A block that was taken for it.
    case block(Int)
  }

  private enum Move {
    /// It lies at this offset now, and in so many bytes of its block.
    case moved(to: Int, bytes: Int)
    /// Nothing that the index knows lies there (yet, or any more), or the index itself.
    case isUnknown
    case lacksRoom(bytes: Int)
    /// It was moved so often without a change that it stays where it is: into the spare only goes what can come back.
    case isStuck
  }

  /// How often what is amid a change when it should be moved is looked at again.
  private static let clearingRounds = 8

  /// Moves what lies in some pages elsewhere, where there is room for it in blocks that are free, and makes of the
  /// pages blocks for a demand. Who evicts sessions of one size for one of another gets pages in this way: about as
  /// many bytes are moved as are gained, at most. The caller holds no lock; records are moved one by one, each under
  /// its shard's lock.
  ///
  /// - Parameter demand: nil to make any pages free.
  /// - Returns: whether it came to something.
  func clearPages(for demand: BlockAllocator.Demand?) -> Bool {
    let common = allocator.common
    let refuge = demand == nil ? 0 : allocator.spare.freePageCount
    guard var cleared = common.beginClearing(for: demand, refuge: refuge) else { return false }
    guard moveSmallBlocks(outOf: &cleared), let start = slideLargeBlocks(of: &cleared) else {
      common.giveUpClearing(cleared)
      emptySpare()
      return false
    }
    common.endClearing(cleared, from: start, for: demand)
    return true
  }

  private func moveSmallBlocks(outOf cleared: inout ClearedPages) -> Bool {
    for round in 0..<Self.clearingRounds {
      let blocks = allocator.common.smallBlocks(in: cleared)
      if blocks.isEmpty {
        allocator.common.dissolveEmpty(in: &cleared)
        return true
      }
      var hasUnknown = false
      for (offset, bytes) in blocks {
        switch moveRecord(at: offset, blockBytes: bytes, to: .anywhere) {
        case .moved: break
        case .isUnknown: hasUnknown = true
        case .lacksRoom, .isStuck: return false
        }
      }
      guard hasUnknown else { continue }
      guard moveIndex(outOf: cleared) else { return false }
      // What is left is a change of another thread, which ends in a moment.
      if round > 0 { sched_yield() }
    }
    return false
  }

  /// Moves the large blocks together at the beginning of the pages, those that would overlap with themselves by way
  /// of the spare.
  ///
  /// - Returns: the first page behind them; nil if one can't be moved.
  private func slideLargeBlocks(of cleared: inout ClearedPages) -> Int? {
    let page = SegmentLayout.pageBytes
    var start = cleared.pages.lowerBound
    for block in allocator.common.largeBlocks(in: cleared) {
      let target = start..<start + block.count
      if target == block {
        allocator.common.leaveLarge(at: block, in: &cleared)
        start = target.upperBound
        continue
      }
      var from = (offset: block.lowerBound * page, bytes: block.count * page)
      if target.overlaps(block) {
        switch moveRecord(at: from.offset, blockBytes: from.bytes, to: .spare) {
        case .moved(let offset, let bytes): from = (offset, bytes)
        case .isUnknown: break
        case .lacksRoom, .isStuck: return nil
        }
        allocator.common.dissolveEmpty(in: &cleared)
      }
      // Somebody ended or rewrote the session meanwhile, or is about to.
      let isGone = !allocator.common.largeBlocks(in: cleared).contains(block)
      if isGone, from.offset == block.lowerBound * page { continue }
      guard isGone || !target.overlaps(block) else { return nil }
      let offset = allocator.common.placeLarge(at: target)
      if case .moved = moveRecord(at: from.offset, blockBytes: from.bytes, to: .block(offset)) {
        start = target.upperBound
      } else {
        allocator.common.unplaceLarge(at: offset)
      }
      allocator.common.dissolveEmpty(in: &cleared)
      guard !allocator.common.largeBlocks(in: cleared).contains(block) else { return nil }
    }
    return start
  }

  /// Moves a record to another block. To readers it looks like a rewrite that changed nothing, as in `compact`.
  private func moveRecord(at offset: Int, blockBytes: Int, to target: Target) -> Move {
    guard let hash = reader.guessedHash(at: offset, blockBytes: blockBytes, seed: seed) else {
      return .isUnknown
    }
    let shard = shard(hash)
    var outcome = Move.isUnknown
    // What is got for it another thread may take.
    for _ in 0..<Self.clearingRounds {
      outcome = shard.lock.withWriteLock { () -> Move in
        var found: IndexShard.Place?
        shard.forEachPlace(of: hash.tag) { if $0.offset == offset { found = $0 } }
        guard let found else { return .isUnknown }
        return move(found, of: shard, blockBytes: blockBytes, to: target)
      }
      if case .moved = outcome { release(offset) }
      guard case .lacksRoom(let bytes) = outcome else { break }
      let demand = BlockAllocator.Demand(bytes: bytes, isMove: true)
      let source = target == .spare ? allocator.spare : allocator.common
      guard source.refill(demand) else { break }
    }
    return outcome
  }

  /// Under the shard's exclusive lock; `release` of the old block comes after it.
  private func move(
    _ place: IndexShard.Place, of shard: IndexShard, blockBytes: Int, to target: Target
  ) -> Move {
    let old = shard.record(at: place.offset)
    guard let stamp = old.stamp.moved, target != .spare || stamp.moved != nil else { return .isStuck }
    let size = old.size
    let found: Int? =
      switch target {
      // A mark may have the block of a session that was larger.
      case .anywhere: allocator.allocateForMove(size) ?? allocator.allocateForMove(blockBytes)
      case .spare: allocator.allocateFromSpareForMove(size)
      case .block(let offset): offset
      }
    guard let offset = found else { return .lacksRoom(bytes: size) }
    let body = RecordLayout.deadline
    SharedWords.move(
      from: mapping.base + place.offset + body, bytes: RecordLayout.wholeWords(size) - body,
      to: mapping.base + offset + body)
    stamp.publish(at: mapping.base + offset)
    place.page.setSlot(place.slot, place.page.slot(place.slot).moved(to: offset))
    return .moved(to: offset, bytes: RecordLayout.wholeWords(size))
  }

  /// Moves what lies in the spare back to the other pages, as far as there is room.
  private func emptySpare() {
    guard allocator.spare.memory.used > 0 else { return }
    for (offset, bytes) in allocator.spare.usedBlocks {
      guard case .lacksRoom = moveRecord(at: offset, blockBytes: bytes, to: .anywhere) else { continue }
      return
    }
  }

  /// Moves pages and directories of the index; false where there is no room for one.
  private func moveIndex(outOf cleared: ClearedPages) -> Bool {
    for shard in shards {
      while let wanted = shard.lock.withWriteLock({ shard.moveIndex(outOf: cleared) }) {
        guard allocator.common.refill(.init(bytes: wanted, isMove: true)) else { return false }
      }
    }
    return true
  }
}

extension IndexShard {
  /// Moves the directory and the pages that lie in some pages of the segment.
  ///
  /// - Returns: the bytes of the block that it lacks; nil when all is done.
  func moveIndex(outOf cleared: ClearedPages) -> Int? {
    if cleared.contains(entry.directory.offset), let wanted = moveDirectory() { return wanted }
    var cursor: PageCursor? = .start
    while let place = cursor {
      // Two pages that hold little make one.
      if cleared.contains(pageOffset(at: place)) { joinIfSparse(at: place) }
      let page = page(at: place)
      if cleared.contains(pageOffset(at: place)) {
        guard let offset = allocator.allocateForMove(SegmentLayout.pageBytes) else {
          return SegmentLayout.pageBytes
        }
        move(page, to: offset, at: place)
      }
      cursor = place.next(depth: page.depth)
    }
    return nil
  }

  private func pageOffset(at place: PageCursor) -> Int {
    let directory = entry.directory
    let index = SlotTag(directoryPrefix: place.prefix).directoryIndex(depth: directory.depth)
    return directory[index] * SegmentLayout.pageBytes
  }

  private func moveDirectory() -> Int? {
    let old = entry.directory
    guard let offset = allocator.allocateForMove(old.byteCount) else { return old.byteCount }
    let new = Directory(mapping, offset: offset, depth: old.depth)
    for index in 0..<new.count { new[index] = old[index] }
    entry.directory = new
    replaceBlock(old.offset, bytes: old.byteCount)
    return nil
  }

  /// As when two pages are joined: the copy holds all entries before the first cell names it, and a daemon that
  /// takes over between two cells finds the same in both.
  private func move(_ page: BucketPage, to offset: Int, at place: PageCursor) {
    let old = pageOffset(at: place)
    let directory = entry.directory
    let span = 1 << (directory.depth - page.depth)
    let index = SlotTag(directoryPrefix: place.prefix).directoryIndex(depth: directory.depth)
    let first = index / span * span
    let new = BucketPage(mapping, offset: offset)
    new.initialize(depth: page.depth)
    copy(page) { _ in new }
    for cell in first..<first + span { directory[cell] = offset / SegmentLayout.pageBytes }
    replaceBlock(old, bytes: SegmentLayout.pageBytes)
  }

  /// Frees a block of the index for which another one has come.
  private func replaceBlock(_ offset: Int, bytes: Int) {
    indexBytes.wrappingAdd(max(bytes, SizeClass.smallest), ordering: .relaxed)
    entry.structureChanges()
    release(offset, bytes: bytes)
  }
}

import SessionSegment
import Synchronization

/// How a shard's directory and pages grow and shrink. Under the shard's exclusive lock.
extension IndexShard {
  // MARK: Growing

  /// Doubles the directory: every page has two entries then.
  func deepen(_ old: Directory) throws(Interruption) {
    let new = try newDirectory(depth: old.depth + 1)
    for index in 0..<new.count { new[index] = old[index / 2] }
    entry.directory = new
    entry.structureChanges()
    release(old.offset, bytes: old.byteCount)
  }

  /// Deals a page's entries out to two. The old page stays whole until both are in the directory, so
  /// that at any moment each entry is in a page that the directory names.
  func split(_ page: BucketPage, _ directory: Directory, _ index: Int) throws(Interruption) {
    let depth = page.depth + 1
    let (low, high) = try blocks(SegmentLayout.pageBytes, count: 2)
    BucketPage(mapping, offset: low).initialize(depth: depth)
    BucketPage(mapping, offset: high).initialize(depth: depth)
    let halves = (BucketPage(mapping, offset: low), BucketPage(mapping, offset: high))
    copy(page) { word in word.tag.directoryIndex(depth: depth) & 1 == 0 ? halves.0 : halves.1 }
    let oldNumber = directory[index]
    let span = 1 << (directory.depth - page.depth)
    let first = index / span * span
    for entry in first..<first + span {
      directory[entry] = (entry < first + span / 2 ? low : high) / SegmentLayout.pageBytes
    }
    entry.structureChanges()
    release(oldNumber * SegmentLayout.pageBytes, bytes: SegmentLayout.pageBytes)
  }

  // MARK: Shrinking

  /// Joins the page at a place with its sibling, and the joined one with its own, as long as both
  /// together are less than a third full: far enough from full that they are not split again soon. Only
  /// when there is a block for it at hand.
  func joinIfSparse(at cursor: PageCursor) {
    while joinOnce(SlotTag(directoryPrefix: cursor.prefix)) {}
  }

  private func joinOnce(_ tag: SlotTag) -> Bool {
    let directory = entry.directory
    let index = tag.directoryIndex(depth: directory.depth)
    let page = directory.page(index)
    guard page.depth > 0 else { return false }
    let span = 1 << (directory.depth - page.depth)
    let first = index / (2 * span) * 2 * span
    let (low, high) = (directory[first], directory[first + span])
    let halves = [directory.page(first), directory.page(first + span)]
    guard halves[0].depth == halves[1].depth,
      halves[0].count + halves[1].count <= BucketPage.entriesMost / 3,
      let offset = allocator.allocate(SegmentLayout.pageBytes)
    else { return false }
    let joined = BucketPage(mapping, offset: offset)
    joined.initialize(depth: page.depth - 1)
    for half in halves { copy(half) { _ in joined } }
    let wasDeepest = page.depth == directory.depth
    for entry in first..<first + 2 * span { directory[entry] = offset / SegmentLayout.pageBytes }
    indexBytes.wrappingAdd(SegmentLayout.pageBytes, ordering: .relaxed)
    entry.structureChanges()
    for number in [low, high] { release(number * SegmentLayout.pageBytes, bytes: SegmentLayout.pageBytes) }
    if wasDeepest { halveIfPossible(directory) }
    return true
  }

  /// A directory in which every page has two entries does as well at half its size.
  private func halveIfPossible(_ old: Directory) {
    guard old.depth > 0, stride(from: 0, to: old.count, by: 2).allSatisfy({ old[$0] == old[$0 + 1] }),
      let offset = allocator.allocate(old.byteCount / 2)
    else { return }
    let new = Directory(mapping, offset: offset, depth: old.depth - 1)
    for index in 0..<new.count { new[index] = old[index * 2] }
    entry.directory = new
    indexBytes.wrappingAdd(max(new.byteCount, SizeClass.smallest), ordering: .relaxed)
    entry.structureChanges()
    release(old.offset, bytes: old.byteCount)
  }

  // MARK: Blocks

  func newDirectory(depth: Int) throws(Interruption) -> Directory {
    Directory(mapping, offset: try blocks((1 << depth) * 4, count: 1).0, depth: depth)
  }

  /// One or two blocks, both or none.
  func blocks(_ bytes: Int, count: Int) throws(Interruption) -> (Int, Int) {
    let wanted = Interruption.needsPages(.init(bytes: bytes, count: count))
    guard let first = allocator.allocate(bytes) else { throw wanted }
    var second = first
    if count == 2 {
      guard let other = allocator.allocate(bytes) else {
        allocator.free(first)
        throw wanted
      }
      second = other
    }
    indexBytes.wrappingAdd(count * max(bytes, SizeClass.smallest), ordering: .relaxed)
    return (first, second)
  }

  /// After `structureChanges`, or for a block that nobody has seen.
  func release(_ offset: Int, bytes: Int) {
    let block = max(bytes, SizeClass.smallest)
    SharedWords.zero(mapping.base + offset, bytes: block)
    allocator.free(offset)
    indexBytes.wrappingSubtract(block, ordering: .relaxed)
  }
}

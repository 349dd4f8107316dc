/// The blocks of records that a change has taken out of the index, to be released once the shard's lock is let
/// go: nobody finds them any more, and to clear a large one takes a while.
struct EndedRecords {
  // One change ends two at most: the session whose time was over, and the record that was replaced.
  private var first: Int?
  private var second: Int?

  mutating func add(_ offset: Int) {
    assert(second == nil)
    if first == nil { first = offset } else { second = offset }
  }

  func release(to cache: SessionCache) {
    if let first { cache.release(first) }
    if let second { cache.release(second) }
  }
}

/// The blocks of records that a change has taken out of the index, to be released once the shard's lock is let
/// go: nobody finds them any more, and to clear a large one takes a while.
struct EndedRecords {
  // One change ends three at most: a session whose time was over under either of two ids, and the record that
  // was replaced.
  private var first: Int?
  private var second: Int?
  private var third: Int?

  mutating func add(_ offset: Int) {
    assert(third == nil)
    if first == nil { first = offset } else if second == nil { second = offset } else { third = offset }
  }

  func release(to cache: SessionCache) {
    if let first { cache.release(first) }
    if let second { cache.release(second) }
    if let third { cache.release(third) }
  }
}

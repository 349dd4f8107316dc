/// What of an allocator's blocks is in use. Together, so that one access changes all of it.
struct BlockUsage {
  private(set) var blocks = 0
  private(set) var bytes = 0
  /// How often a block was taken or given back.
  private(set) var turnover = 0

  /// So many more blocks, or fewer, are in use.
  ///
  /// - Parameter bytes: of one of them.
  mutating func change(by count: Int, bytes blockBytes: Int) {
    blocks += count
    bytes += count * blockBytes
    turnover &+= 1
  }
}

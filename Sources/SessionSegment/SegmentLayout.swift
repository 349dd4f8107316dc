/// The shared-memory format, version 3: where everything lies. All offsets are in bytes from the
/// beginning of the segment, all numbers are little-endian, all places that change while others may
/// look are aligned words.
///
///     0      header, one page                      (SegmentHeader)
///     4096   shard table, 64 bytes a shard         (ShardEntry)
///     …      page table, 4 bytes a page            (PageTable), from the next page boundary on
///     …      pages of 4096 bytes, handed out by the daemon's allocator: runs of blocks of one
///            size, which hold records, bucket pages and directories
public enum SegmentLayout {
  /// "SESSIOND" in ASCII, the first letter in the lowest byte.
  public static let magic: UInt64 = 0x444E_4F49_5353_4553
  public static let formatVersion: UInt32 = 4
  /// The unit in which the file takes and gives back memory: the page of every supported machine.
  public static let pageBytes = 4096
  /// Blocks begin at multiples of this, so that an offset fits an index word.
  public static let blockAlignment = 16
  public static let shardTableOffset = 4096
  public static let shardEntryBytes = 64
  /// The most shards: ten bits of the hash choose one.
  public static let shardsMost = 1024
  public static let pageTableEntryBytes = 4
  /// 2^40 blocks of 16 bytes: what an index word's offset can reach.
  public static let segmentBytesMost = 1 << 44

  public static func pageTableOffset(shards: Int) -> Int {
    wholePages(shardTableOffset + shards * shardEntryBytes)
  }

  /// Where the allocator's pages begin in a segment of so many pages.
  public static func firstPage(shards: Int, pageCount: Int) -> Int {
    wholePages(pageTableOffset(shards: shards) + pageCount * pageTableEntryBytes) / pageBytes
  }

  private static func wholePages(_ bytes: Int) -> Int { (bytes + pageBytes - 1) / pageBytes * pageBytes }
}

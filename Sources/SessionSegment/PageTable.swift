import Synchronization

/// What the pages of a segment are cut into: by it a daemon that takes a segment over finds the blocks again.
///
/// One entry of 32 bits a page, zero but where a run of blocks begins:
///
///     31       1
///     30…24    the run's size class; 127 for a single large block
///     23…0     how many pages the run has
///
/// An entry is written once the run's pages are there and before a block of it is used, and cleared before
/// the pages are given back. Only the daemon looks at it.
public struct PageTable: Sendable {
  public struct Run: Sendable, Equatable {
    public var pages: Range<Int>
    /// nil: one large block.
    public var sizeClass: Int?

    public init(pages: Range<Int>, sizeClass: Int?) {
      self.pages = pages
      self.sizeClass = sizeClass
    }
  }

  private static let largeClass: UInt32 = 127
  /// 64 GiB.
  public static let pagesPerRunMost = 1 << 24 - 1

  private let mapping: SegmentMapping
  private let offset: Int

  public init(_ mapping: SegmentMapping, shards: Int) {
    self.mapping = mapping
    offset = SegmentLayout.pageTableOffset(shards: shards)
  }

  /// The bytes of the file in which the entries of some pages lie.
  public func place(of pages: Range<Int>) -> Range<Int> {
    let bytes = SegmentLayout.pageTableEntryBytes
    return offset + pages.lowerBound * bytes..<offset + pages.upperBound * bytes
  }

  public func enter(_ run: Run) {
    let sizeClass = run.sizeClass.map { UInt32($0) } ?? Self.largeClass
    cell(run.pages.lowerBound).pointee.store(
      1 << 31 | sizeClass << 24 | UInt32(run.pages.count), ordering: .releasing)
  }

  public func clear(_ pages: Range<Int>) {
    cell(pages.lowerBound).pointee.store(0, ordering: .releasing)
  }

  /// The run that begins at a page, if one does.
  public func run(at page: Int) -> Run? {
    let entry = cell(page).pointee.load(ordering: .acquiring)
    guard entry >> 31 == 1 else { return nil }
    let sizeClass = entry >> 24 & 127
    return Run(
      pages: page..<page + Int(entry & 0xFF_FFFF),
      sizeClass: sizeClass == Self.largeClass ? nil : Int(sizeClass))
  }

  /// Whether the entries of all these pages are zero.
  public func isClear(_ pages: some Sequence<Int>) -> Bool {
    pages.allSatisfy { cell($0).pointee.load(ordering: .relaxed) == 0 }
  }

  @inline(__always)
  private func cell(_ page: Int) -> UnsafePointer<Atomic<UInt32>> {
    // Inside the mapping: the table has an entry for each of its pages.
    UnsafeRawPointer(mapping.base + offset + page * SegmentLayout.pageTableEntryBytes)
      .assumingMemoryBound(to: Atomic<UInt32>.self)
  }
}

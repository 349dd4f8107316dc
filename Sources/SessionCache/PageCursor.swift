import SessionSegment

/// A place in a walk over a shard's pages, in the order of their directory bits. It stays good when
/// pages are split between two steps.
struct PageCursor: Sendable, Equatable {
  static let start = PageCursor(prefix: 0)

  /// The first directory bits' value of the next page to visit.
  let prefix: UInt32

  /// Behind a page that was found here and whose entries share `depth` directory bits; nil at the end.
  func next(depth: Int) -> PageCursor? {
    let span = UInt32(1) << UInt32(SlotTag.directoryBits - depth)
    let next = prefix / span * span + span
    return next < 1 << UInt32(SlotTag.directoryBits) ? PageCursor(prefix: next) : nil
  }
}

extension PageCursor {
  init(_ tag: SlotTag) {
    prefix = tag.rawValue >> UInt32(SlotTag.bitCount - SlotTag.directoryBits)
  }
}

extension IndexShard {
  func page(at cursor: PageCursor) -> BucketPage {
    page(containing: SlotTag(directoryPrefix: cursor.prefix))
  }
}

/// Where a walk over the whole cache goes on.
public struct WalkCursor: Sendable, Equatable {
  let shard: Int
  let page: PageCursor

  public init() {
    shard = 0
    page = .start
  }

  init(shard: Int, page: PageCursor) {
    self.shard = shard
    self.page = page
  }
}

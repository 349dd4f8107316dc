/// 24 bits of a session id's hash: enough to place an entry in its shard, wherever it is moved,
/// without a look at its record.
public struct SlotTag: Sendable, Equatable, Comparable {
  public static let bitCount = 24
  static let mask: UInt32 = 0xFF_FFFF
  /// The bits that choose a page by way of the directory: the upper ones.
  public static let directoryBits = 15

  public let rawValue: UInt32

  @inline(__always)
  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The first tag with these directory bits.
  public init(directoryPrefix: UInt32) {
    rawValue = directoryPrefix << UInt32(Self.bitCount - Self.directoryBits)
  }

  /// The entry of a directory of 2^`depth` pages.
  @inline(__always)
  public func directoryIndex(depth: Int) -> Int {
    Int(rawValue >> UInt32(Self.bitCount - depth))
  }

  /// The slot at which the search begins, from the lower nine bits.
  @inline(__always)
  public var home: Int { (Int(rawValue & 0x1FF) * BucketPage.slots) >> 9 }

  public static func < (a: SlotTag, b: SlotTag) -> Bool { a.rawValue < b.rawValue }
}

/// One word of the index: the tag in the upper 24 bits, then a bit that says that the store behind the cache does not
/// have the record as it is, and the record's offset in units of 16 bytes in the lower 39. Zero is an empty slot, since
/// no record lies at offset 0.
public struct SlotWord: Sendable, Equatable {
  public static let empty = SlotWord(rawValue: 0)

  public let rawValue: UInt64

  @inline(__always)
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  @inline(__always)
  public init(tag: SlotTag, offset: Int, isUnsaved: Bool = false) {
    rawValue =
      UInt64(tag.rawValue) << 40 | (isUnsaved ? Self.unsavedBit : 0)
      | UInt64(offset / SegmentLayout.blockAlignment)
  }

  private static let unsavedBit: UInt64 = 1 << 39

  @inline(__always)
  public var isEmpty: Bool { rawValue == 0 }
  @inline(__always)
  public var tag: SlotTag { SlotTag(rawValue: UInt32(rawValue >> 40)) }
  @inline(__always)
  public var offset: Int { Int(rawValue & (Self.unsavedBit - 1)) * SegmentLayout.blockAlignment }
  /// Whether memory has what the store has not.
  @inline(__always)
  public var isUnsaved: Bool { rawValue & Self.unsavedBit != 0 }

  public var saved: SlotWord { SlotWord(rawValue: rawValue & ~Self.unsavedBit) }
  public var unsaved: SlotWord { SlotWord(rawValue: rawValue | Self.unsavedBit) }
  /// The same entry, whose record lies somewhere else now.
  public func moved(to offset: Int) -> SlotWord { SlotWord(tag: tag, offset: offset, isUnsaved: isUnsaved) }
}

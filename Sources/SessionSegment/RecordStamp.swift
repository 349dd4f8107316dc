import Synchronization

/// The first word of a record: by it a reader learns whether what it copied is one whole record.
///
///     63…56  how often the record was moved to another block under its version
///     55…0   version of the session; 0 in a block that is free or not written yet
///
/// Together the two never come back in a block once they are gone from it: versions are given once, a
/// record that was moved 255 times under one version is not moved any more, and one that is restored under an old version
/// begins with a number of moves that the next ones have not. So a stamp that has not changed
/// says that the record has not changed either, however long the reader was stopped in between.
public struct RecordStamp: Sendable, Equatable {
  public static let free = RecordStamp(rawValue: 0)
  /// Versions stay below this: they are exact in every JSON reader, and eight bytes of text, which has no
  /// byte below 32, can't pass for the stamp of a record.
  public static let versionsEnd: UInt64 = 1 << 53
  private static let versionBits: UInt64 = 56
  private static let movesMost: UInt64 = 255

  public let rawValue: UInt64

  @inline(__always)
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  @inline(__always)
  public init(version: UInt64) { rawValue = version }

  @inline(__always)
  public var version: UInt64 { rawValue & (1 << Self.versionBits - 1) }

  /// - Parameter moves: 0 to 255.
  public init(version: UInt64, moves: Int) { rawValue = version | UInt64(moves) << Self.versionBits }

  /// Whether a record can carry it.
  @inline(__always)
  public var isLive: Bool { version != 0 && version < Self.versionsEnd }

  /// The stamp after another move; nil when there were as many as there may be.
  public var moved: RecordStamp? {
    guard rawValue >> Self.versionBits < Self.movesMost else { return nil }
    return RecordStamp(rawValue: rawValue + 1 << Self.versionBits)
  }
}

extension RecordStamp {
  // Unsafe memory: whoever writes a record vouches that its block lies at the place given.

  /// Gives a record its stamp. Releasing: who loads it sees the whole record that was written before.
  public func publish(at record: UnsafeMutableRawPointer) {
    SharedWords.word(record).pointee.store(rawValue, ordering: .releasing)
  }

  /// Takes the stamp away, before anything else is stored into the block. The fence sees to it that who loads
  /// anything of what is stored next, and then the stamp behind an acquiring fence, finds it gone.
  public static func withdraw(from record: UnsafeMutableRawPointer) {
    SharedWords.store(0, at: record)
    atomicMemoryFence(ordering: .releasing)
  }
}

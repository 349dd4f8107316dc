import Glibc
import SystemCalls

/// Tells the kernel what of the file will be read: who reads all of it by last use would wait for the disk at every
/// page.
struct SQLiteReadAhead {
  /// The database's file; closed when all connections are.
  let file: SharedDescriptor?
  /// So much of the file was told.
  private var announced = 0

  /// With each page of the warm start so many bytes of the file are announced, up to as much as is polite to ask of
  /// the machine's memory; in pieces that the kernel reads whole, being no longer than the shortest read-ahead.
  private static let announcedAtOnce = 64 << 20
  private static let announcedMost = 1 << 30
  private static let adviceBytes = 128 << 10

  init(_ file: SharedDescriptor?) { self.file = file }

  /// Has the kernel read some more of the file, in the file's order.
  mutating func announce(isBeginning: Bool) {
    if isBeginning { announced = 0 }
    guard let number = file?.number else { return }
    let end = min(announced + Self.announcedAtOnce, Self.announcedMost)
    while announced < end {
      // Advice, no more: where it is not taken, pages are read when they are wanted.
      posix_fadvise(number, announced, Self.adviceBytes, POSIX_FADV_WILLNEED)
      announced += Self.adviceBytes
    }
  }
}

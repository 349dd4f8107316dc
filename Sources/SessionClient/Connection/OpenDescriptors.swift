internal import Glibc
internal import Synchronization

/// The descriptors that an engine has open. The child of a fork(2) has copies of them, which it can't reach
/// through the objects that own them: a lock over these may have been held at that moment.
final class OpenDescriptors: Sendable {
  private static let none: Int32 = -1

  /// A wake signal, a connection, and another one while its last holder has not let go. One that finds no
  /// place stays open in the child, which harms nobody.
  private let places = InlineArray<4, Atomic<Int32>> { _ in Atomic(OpenDescriptors.none) }
  /// Which files they were: in the child the number may be another one's by the time they are closed.
  private let files = InlineArray<4, Atomic<UInt64>> { _ in Atomic(0) }

  /// Called once the descriptor is open.
  func add(_ number: Int32) {
    for index in places.indices
    where places[index].compareExchange(expected: Self.none, desired: number, ordering: .relaxed).exchanged {
      return files[index].store(Self.inode(number), ordering: .relaxed)
    }
  }

  /// The file's number, 0 if there is none. Those of sockets and of event counters are one space, or all the same.
  private static func inode(_ number: Int32) -> UInt64 {
    var status = stat()
    return fstat(number, &status) == 0 ? UInt64(status.st_ino) ^ UInt64(status.st_dev) << 48 : 0
  }

  /// Called before the descriptor is closed: its number may be another file's right afterwards.
  func remove(_ number: Int32) {
    for index in places.indices
    where places[index].compareExchange(expected: number, desired: Self.none, ordering: .relaxed).exchanged {
      return
    }
  }

  /// Closes them, in the child.
  func closeAll() {
    for index in places.indices {
      let number = places[index].exchange(Self.none, ordering: .relaxed)
      guard number != Self.none, Self.inode(number) == files[index].load(ordering: .relaxed) else { continue }
      close(number)
    }
  }
}

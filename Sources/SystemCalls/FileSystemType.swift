internal import CLinux

/// What kind of file system a file lies on, by the numbers of statfs(2).
public struct FileSystemType: Equatable, Sendable {
  private let number: UInt32

  private static let inMemory: [UInt32: String] = [
    0x0102_1994: "tmpfs", 0x8584_58F6: "ramfs", 0x9584_58F6: "hugetlbfs",
  ]
  /// Some that people may meet.
  private static let elsewhere: [UInt32: String] = [
    0xEF53: "ext4", 0x9123_683E: "btrfs", 0x5846_5342: "xfs", 0x794C_7630: "overlay", 0x6969: "nfs",
    0x2FC1_2FC1: "zfs", 0x6573_5546: "fuse", 0xF2F5_2010: "f2fs",
  ]

  /// - Parameter number: the low 32 bits of `f_type`.
  public init(_ number: UInt32) { self.number = number }

  /// - Throws: what statfs(2) answers.
  public init(of path: String) throws(SystemCallError) {
    var number: UInt32 = 0
    _ = try systemCall("statfs") { linux_file_system(path, &number) }
    self.number = number
  }

  /// Of an open file, also where its path means another one.
  public init(of descriptor: borrowing Descriptor) throws(SystemCallError) {
    try self.init(of: "/proc/self/fd/\(descriptor.number)")
  }

  /// Whether it keeps its files in memory.
  public var isMemory: Bool { Self.inMemory[number] != nil }

  /// In words for people.
  public var name: String {
    Self.inMemory[number] ?? Self.elsewhere[number] ?? "of type 0x\(String(number, radix: 16))"
  }
}

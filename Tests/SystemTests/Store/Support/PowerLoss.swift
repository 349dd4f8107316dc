import Glibc

/// The programs of Tests/PowerLoss, compiled when they are wanted first.
enum PowerLoss {
  /// Whether there is what they are compiled with.
  static var canBeCompiled: Bool {
    guard Programs.has("cc", "pkg-config") else { return false }
    return (try? run("pkg-config", ["--exists", "fuse3"]))?.status == .exited(0)
  }

  /// Where they are, or what the compiler said.
  private static let directory = Result<String, any Error> {
    let directory = "\(Programs.directory)/powerloss"
    mkdir(directory, 0o755)
    let result = try run("\(Programs.sourceRoot)/Tests/PowerLoss/build", [directory], within: 60)
    guard result.status == .exited(0) else {
      throw Failure("Tests/PowerLoss can't be compiled: \(result.standardError)")
    }
    return directory
  }

  /// A file system that forgets what was not synced.
  static var fileSystem: String { get throws { try "\(directory.get())/lossfs" } }

  /// A library that takes syncing away from the program it is loaded into.
  static var nosync: String { get throws { try "\(directory.get())/nosync.so" } }
}

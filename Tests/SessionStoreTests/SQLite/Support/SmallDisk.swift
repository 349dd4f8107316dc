import CLinux
import Glibc
import SystemCalls

/// A file system in memory that one thread sees, and is gone with that.
enum SmallDisk {
  /// Whether the system lets this process mount one: root, mostly.
  static let isPossible: Bool = (try? with(kibibytes: 64) { _ in }) != nil

  /// Runs `body` on a thread that has one of so many KiB over `/mnt`.
  static func with<Result: Sendable>(
    kibibytes: Int, _ body: @escaping @Sendable (String) throws -> Result
  ) throws -> Result {
    try onThread {
      _ = try systemCall("unshare") { linux_own_mounts() }
      _ = try systemCall("mount") { mount("none", "/mnt", "tmpfs", 0, "size=\(kibibytes)k,mode=700") }
      return try body("/mnt")
    }
  }

  /// Runs `body` on a thread of its own.
  static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
    let outcome = Guarded<Swift.Result<Result, any Error>?>(nil)
    let thread = try ServiceThread(name: "small-disk") {
      let result = Swift.Result { try body() }
      outcome.withLock { $0 = result }
    }
    thread.join()
    return try outcome.withLock { $0! }.get()
  }
}

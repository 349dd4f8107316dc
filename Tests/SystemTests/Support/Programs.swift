import Glibc

/// Where the programs under test and the tools beside them are.
enum Programs {
  /// The build directory: the one that holds the test bundle.
  static let directory: String = {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = buffer.prefix(max(count, 0))
    return String(decoding: path.prefix(upTo: path.lastIndex(of: UInt8(ascii: "/")) ?? 0), as: UTF8.self)
  }()

  /// The daemon; `SESSIOND_TEST_PROGRAM` names another one, for instance one that is installed.
  static var sessiond: String { environment("SESSIOND_TEST_PROGRAM") ?? "\(directory)/sessiond" }
  static var sessionctl: String { environment("SESSIONCTL_TEST_PROGRAM") ?? "\(directory)/sessionctl" }

  static var sessionprobe: String { "\(directory)/sessionprobe" }

  /// Whether the tests that run for a while are to run for long.
  static var runsLongTests: Bool { environment("SESSIOND_LONG_TESTS") == "1" }
  /// Whether a daemon is killed at each of its system calls on a database, which takes half an hour.
  static var killsAtEachCall: Bool { environment("SESSIOND_EACH_CALL") == "1" }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// The root of the source tree.
  static var sourceRoot: String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
  }

  /// The path of a tool, or nil where it is not installed.
  static func tool(_ name: String) -> String? {
    let searched = environment("PATH") ?? "/usr/bin:/bin"
    let directories: [Substring] = searched.split(separator: ":") + ["/usr/sbin", "/sbin"]
    for directory in directories {
      let path = "\(directory)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  static func has(_ tools: String...) -> Bool { tools.allSatisfy { tool($0) != nil } }

  static var isRoot: Bool { geteuid() == 0 }

  /// What every child gets: enough to find tools and libraries, and nothing of the caller's systemd.
  static var plainEnvironment: [String: String] {
    var plain = [
      "PATH": environment("PATH") ?? "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
      // Temporary directories may be on a disk.
      "SESSIOND_SEGMENT_ON_DISK": "allow",
    ]
    for name in ["LD_LIBRARY_PATH", "TSAN_OPTIONS", "ASAN_OPTIONS"] {
      if let value = environment(name) { plain[name] = value }
    }
    return plain
  }
}

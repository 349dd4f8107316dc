import SystemCalls

/// What this process's control group lets it take of memory: a unit's MemoryMax=, a container's limit.
enum MemoryLimit {
  /// A path deeper than any that is in use.
  private static let depthMost = 32
  /// Where control groups are mounted on every system with systemd (file-hierarchy(7)).
  private static let root = "/sys/fs/cgroup"

  /// The least limit of the group and of those that it is in, in bytes; nil where there is none, or nobody says.
  static func current() -> Int? {
    guard let groups = try? ControlGroups(of: "self") else { return nil }
    return files(groups).compactMap { limit($0) }.min()
  }

  /// The files that a limit may stand in: of version 2 and of version 1, of which a machine may have both.
  static func files(_ groups: ControlGroups) -> [String] {
    groups.groups.flatMap { group -> [String] in
      let place: (tree: String, file: String)
      if group.controllers.isEmpty {
        place = (root, "memory.max")
      } else if group.controllers.contains("memory") {
        place = ("\(root)/memory", "memory.limit_in_bytes")
      } else {
        return []
      }
      let names = group.names.prefix(depthMost)
      return (0...names.count).map { depth in
        ([place.tree] + Array(names.prefix(depth)) + [place.file]).joined(separator: "/")
      }
    }
  }

  private static func limit(_ file: String) -> Int? {
    // The kernel may have no such file, or this process may not know.
    guard let text = try? SmallFile.text(ofKernel: file) else { return nil }
    // `max`, and what is beyond 64 bits, is no limit.
    return Int(text.filter { $0.isNumber })
  }
}

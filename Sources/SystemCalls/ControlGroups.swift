/// The control groups that a process is in (cgroups(7)): one in each hierarchy of the machine.
public struct ControlGroups: Equatable, Sendable {
  public struct Group: Equatable, Sendable {
    /// What its hierarchy is for, such as `memory` or `name=systemd`; empty in that of version 2.
    public let controllers: [String]
    /// The names of the groups that it is in, from the top, and its own.
    public let names: [String]
  }

  public let groups: [Group]

  /// - Parameter text: /proc/PID/cgroup, with a line `NUMBER:CONTROLLERS:PATH` for each. Any other line is passed over.
  public init(parsing text: String) {
    groups = text.split(separator: "\n").compactMap { line -> Group? in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      return Group(
        controllers: fields[1].split(separator: ",").map { String($0) },
        names: fields[2].split(separator: "/").map { String($0) })
    }
  }

  /// - Parameter process: a process's number, or `self`.
  /// - Throws: what open(2) and read(2) fail with where it can't be known.
  public init(of process: String) throws(SystemCallError) {
    self.init(parsing: try SmallFile.text(ofKernel: "/proc/\(process)/cgroup"))
  }
}

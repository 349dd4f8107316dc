import Glibc
import SystemCalls
import Testing

@testable import SessionServer

@Suite("Whether a configuration can work on a machine")
struct MachineCheckTests {
  private func check(
    _ values: [Setting: String] = [:], disk: Bool = false, bytes: Int? = nil, limit: Int? = nil,
    memory: Int = 1 << 40
  ) throws -> MachineCheck {
    let settled = SettledConfiguration.made(of: values)
    let machine = Machine(
      fileSystem: { _ throws(SystemCallError) in Machine.FileSystem(isMemory: !disk, bytes: bytes) },
      memoryLimit: { limit }, memory: { memory })
    return MachineCheck(try settled.get(), on: machine)
  }

  @Test("it can where there is room")
  func good() throws {
    for check in [
      try check(), try check(bytes: 256 << 20, limit: 288 << 20),
      try check([.maxMemory: "1G"], bytes: 1 << 30),
    ] {
      #expect(check.problems.isEmpty)
      #expect(check.warnings.isEmpty)
    }
  }

  @Test("more memory than the tmpfs has, or than the service may take, is refused if somebody asked for it")
  func tooMuch() throws {
    #expect(
      try check([.maxMemory: "1G"], bytes: 512 << 20).problems == [
        "--max-memory: '1G' is too much: the tmpfs of the segment /run/x/sessiond.segment has 512M in all"
      ])
    #expect(
      try check([.maxMemory: "1000M"], limit: 1 << 30).problems == [
        "--max-memory: '1000M' is too much: this service's memory limit (MemoryMax=) of 1024M leaves 992M"
      ])
    #expect(try check([.maxMemory: "1G"], bytes: 1 << 20, limit: 1 << 20).problems.count == 2)
  }

  @Test("the default is never refused for it, only told")
  func defaults() throws {
    let check = try check(bytes: 100 << 20)
    #expect(check.problems.isEmpty)
    #expect(
      check.warnings == [
        "max-memory: the default, 256M, is never reached: the tmpfs of the segment /run/x/sessiond.segment has 100M in "
          + "all"
      ])
  }

  @Test("a segment on a disk is refused if somebody gave its path, unless it is allowed, and else warned of")
  func disk() throws {
    let text =
      "'/var/x/segment' is on a disk, which all changes of sessions wear and slow down; better a tmpfs, such as /run"
    let refused = try check([.segment: "/var/x/segment"], disk: true)
    #expect(refused.problems == ["--segment: \(text), or segment-on-disk=allow"])
    #expect(refused.warnings.isEmpty)
    let allowed = try check([.segment: "/var/x/segment", .segmentOnDisk: "allow"], disk: true)
    #expect(allowed.problems.isEmpty && allowed.warnings.isEmpty)
    let unasked = try check(disk: true)
    #expect(unasked.problems.isEmpty)
    #expect(unasked.warnings.count == 1)
    #expect(unasked.warnings.first?.hasPrefix("segment: '/run/x/sessiond.segment' is on a disk") == true)
  }

  @Test("a disk must have the room as well, but a limit of memory does not concern it")
  func roomOnDisk() throws {
    let values: [Setting: String] = [.segmentOnDisk: "allow", .maxMemory: "1G"]
    #expect(
      try check(values, disk: true, bytes: 512 << 20, limit: 1 << 20).problems == [
        "--max-memory: '1G' is too much: the file system of the segment /run/x/sessiond.segment has 512M in all"
      ])
    #expect(try check(values, disk: true, bytes: 1 << 30, limit: 1 << 20).problems.isEmpty)
  }

  @Test("the map of a huge segment's pages must fit into the machine's memory, wherever the segment is")
  func map() throws {
    for isDisk in [false, true] {
      let values: [Setting: String] = [.segmentOnDisk: "allow", .maxMemory: "15T"]
      #expect(
        try check(values, disk: isDisk, memory: 24 << 30).problems == [
          "--max-memory: '15T' is too much: the daemon itself takes 61464M beside it, and the machine has 24576M"
        ])
      #expect(try check(values, disk: isDisk).problems.isEmpty)
    }
    // The more memory, the more of a limit is the daemon's own.
    #expect(
      try check([.maxMemory: "64G"], limit: 64 << 30).problems == [
        "--max-memory: '64G' is too much: this service's memory limit (MemoryMax=) of 65536M leaves 65256M"
      ])
  }

  @Test("a directory that is not there is told with the setting")
  func noDirectory() throws {
    let settled = try SettledConfiguration.made(of: [.segment: "/no/such/place/segment"]).get()
    let check = MachineCheck(settled)
    #expect(
      check.problems == [
        "--segment: '/no/such/place/segment' can't be made: /no/such/place: No such file or directory"
      ])
  }

  @Test("knows the directory of a file")
  func directories() {
    for (path, directory) in [("/a/b/c", "/a/b"), ("/a", "/"), ("a", "."), ("a/b", "a"), ("/a/", "/a")] {
      #expect(MachineCheck.directory(of: path) == directory)
    }
  }

  @Test("a file system of this machine's kernel tells what it is")
  func system() throws {
    let proc = try Machine.system.fileSystem("/proc")
    #expect(!proc.isMemory)
    #expect(proc.bytes == nil)
    #expect(throws: SystemCallError("statvfs", ENOENT)) { try Machine.system.fileSystem("/no/such") }
  }

  @Test("finds the limits of both versions of control groups")
  func controlGroups() {
    let text = "9:name=systemd:/a\n4:cpu,memory:/x/y\n0::/system.slice/sessiond.service\n\nnonsense\n"
    #expect(
      MemoryLimit.files(ControlGroups(parsing: text)) == [
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/x/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/x/y/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/system.slice/memory.max",
        "/sys/fs/cgroup/system.slice/sessiond.service/memory.max",
      ])
    if let limit = MemoryLimit.current() { #expect(limit > 0) }
  }
}

extension SettledConfiguration {
  /// What comes of flags alone.
  static func made(of values: [Setting: String]) -> Result<SettledConfiguration, ConfigurationError> {
    let values: [Setting: SourcedValue] = values.reduce(into: [:]) {
      $0[$1.key] = SourcedValue(setting: $1.key, text: $1.value, origin: .flag)
    }
    return Result { () throws(ConfigurationError) in
      let reader = SettingReader(values: values, defaults: .init(socket: "/run/x/sessiond.sock", cores: 2))
      return SettledConfiguration(configuration: try reader.configuration(), values: values)
    }
  }
}

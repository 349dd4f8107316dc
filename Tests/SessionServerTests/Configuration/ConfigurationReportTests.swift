import Glibc
import SystemCalls
import Testing

@testable import SessionServer

@Suite("What --check-config says")
struct ConfigurationReportTests {
  private static let machine = Machine(
    fileSystem: { _ throws(SystemCallError) in Machine.FileSystem(isMemory: true, bytes: nil) },
    memoryLimit: { nil }, memory: { .max })

  private func report(
    _ directory: TemporaryDirectory, _ flags: [Setting: String] = [:], environment: [String: String] = [:],
    file: String = ""
  ) throws -> ConfigurationReport {
    try directory.write(file, to: "f")
    var flags = flags
    for (setting, name) in [(Setting.socket, "s"), (.segment, "g")] where flags[setting] == nil {
      flags[setting] = directory.file(name)
    }
    let source = ConfigurationSource(flags: flags, config: directory.file("f"), environment: environment)
    return ConfigurationReport(source: source, machine: Self.machine, uid: getuid())
  }

  @Test("is each setting with its value as it was understood, and where that stands")
  func settings() throws {
    try TemporaryDirectory.with { directory in
      let report = try report(
        directory, [.flushEvery: "1"], environment: ["SESSIOND_TTL": "120"],
        file: "# x\nmax-memory = 1048576K\n")
      #expect(report.problems.isEmpty)
      #expect(report.settings.count == Setting.allCases.count)
      let rows = report.settings.map { $0.split(separator: " ", maxSplits: 2).map { $0.drop { $0 == " " } } }
      func row(_ setting: Setting) -> [Substring]? {
        rows.first { $0.first.map(String.init) == setting.name }
      }
      #expect(row(.flushEvery) == ["flush-every", "1s", "--flush-every"])
      #expect(row(.ttl) == ["ttl", "2m", "SESSIOND_TTL"])
      #expect(row(.maxMemory)?.dropFirst().first == "1G")
      #expect(row(.maxMemory)?.last == "\(directory.file("f")), line 2"[...])
      #expect(row(.maxLifetime) == ["max-lifetime", "off", "default"])
      #expect(row(.socketMode) == ["socket-mode", "0660", "default"])
    }
  }

  @Test("judges a directory that the start makes by where it will be")
  func madeAtStart() throws {
    let uid: UInt32 = 4_123_456_789
    let machine = Machine(
      fileSystem: { path throws(SystemCallError) in
        guard path == "/tmp" else { throw SystemCallError("statvfs", ENOENT) }
        return Machine.FileSystem(isMemory: true, bytes: 64 << 20)
      }, memoryLimit: { nil }, memory: { .max })
    try TemporaryDirectory.with { directory in
      try directory.write("", to: "f")
      for (memory, count) in [("64M", 0), ("65M", 1)] {
        let source = ConfigurationSource(
          flags: [
            .segment: "/tmp/sessiond-\(uid)/segment", .socket: "/tmp/sessiond-\(uid)/sessiond.sock",
            .maxMemory: memory,
          ], config: directory.file("f"), environment: [:])
        #expect(ConfigurationReport(source: source, machine: machine, uid: uid).problems.count == count)
      }
    }
  }

  @Test("has texts that mean what they are made of")
  func texts() throws {
    let flags: [Setting: String] = [
      .segmentOnDisk: "allow", .maxMemory: "300M", .ttl: "90s", .maxLifetime: "26h", .threads: "3",
      .busyPoll: "1us",
      .shards: "8",
      .maxConnections: "77",
      .maxConnectionsPerUser: "7", .maxBuffers: "3M", .maxLine: "1025", .maxSession: "2K",
      .lineTimeout: "1500ms",
      .logLevel: "debug", .socketMode: "0600", .mappers: "7,%9,1", .admins: "none", .readers: "all",
      .whenFull: "evict", .store: "sqlite:/a", .durability: "through", .flushEvery: "20ms", .storeQueue: "5",
      .storeTimeout: "3s", .cacheTTL: "1d",
    ]
    let configuration = try SettledConfiguration.made(of: flags).get().configuration
    let again = SettledConfiguration.made(
      of: Dictionary(uniqueKeysWithValues: flags.keys.map { ($0, configuration.text($0)) }))
    #expect(try again.get().configuration == configuration)
  }

  @Test("is what a start would fail at, besides what it would warn of")
  func problems() throws {
    try TemporaryDirectory.with { directory in
      let report = try report(
        directory,
        [.socket: "/no/such/s", .socketGroup: "no-such-group", .store: "sqlite:/no/such/db", .ttl: "1m"])
      #expect(
        report.problems == [
          "--socket: '/no/such/s' can't be made: /no/such: No such file or directory",
          "--socket-group: there is no group 'no-such-group'",
          "--store: '/no/such/db' can't be made: /no/such: No such file or directory",
        ])
      let credentials = try self.report(
        directory, [.store: "redis://h", .storeCredentials: directory.file("none")])
      #expect(credentials.problems.first?.hasPrefix("--store-credentials: \(directory.file("none"))") == true)
    }
  }

  @Test("tells what is in the way of the files that the start makes, and leaves it as it is")
  func obstacles() throws {
    try TemporaryDirectory.with { directory in
      let path = directory.file("x")
      let expected: [(Setting, String, String)] = [
        (.segment, path, "--segment: \(path): the file is no segment and is left alone"),
        (.socket, path, "--socket: \(path): something that is no socket is in the way"),
        (.store, "sqlite:\(path)", "--store: sqlite:\(path): \(path): it is no"),
      ]
      for isDirectory in [false, true] {
        if isDirectory {
          #expect(unlink(path) == 0 && mkdir(path, 0o700) == 0)
        } else {
          try directory.write("precious, and longer than the word that a segment begins with", to: "x")
        }
        for (setting, value, line) in expected {
          let problems = try report(directory, [setting: value]).problems
          #expect(problems.count == 1 && problems[0].hasPrefix(line), "\(problems)")
        }
      }
      #expect(directory.status("x")?.kind == S_IFDIR)
    }
  }

  @Test("has nothing against files that the start takes over, or makes anew")
  func noObstacles() throws {
    try TemporaryDirectory.with { directory in
      try directory.write("", to: "empty")
      let flags: [Setting: String] = [
        .segment: directory.file("empty"), .store: "sqlite:\(directory.file("new"))",
      ]
      #expect(try report(directory, flags).problems.isEmpty)
      #expect(try report(directory, [.store: "sqlite:\(directory.file("empty"))"]).problems.isEmpty)
      // What was ours and is garbage now is set aside by the start.
      try directory.write("no database, by far", to: "ours")
      let ours: [Setting: String] = [.store: "sqlite:\(directory.file("ours"))"]
      #expect(try report(directory, ours).problems.count == 1)
      try directory.write("sessiond\n", to: "ours-lock")
      #expect(try report(directory, ours).problems.isEmpty)
    }
  }

  @Test("tells of names that are too long, as they are or with what the start puts behind them")
  func longNames() throws {
    try TemporaryDirectory.with { directory in
      for (count, isGood) in [(250, true), (251, false), (300, false)] {
        let path = directory.file(String(repeating: "n", count: count))
        let segment = try report(directory, [.segment: path]).problems
        let store = try report(directory, [.store: "sqlite:\(path)"]).problems
        if isGood {
          #expect(segment.isEmpty && store.isEmpty)
        } else {
          #expect(segment == ["--segment: \(path).lock: open: File name too long"])
          #expect(store == ["--store: sqlite:\(path): \(path)-lock: open: File name too long"])
        }
      }
    }
  }

  @Test("warns of a key that stands twice in the file")
  func doubles() throws {
    try TemporaryDirectory.with { directory in
      let report = try report(directory, file: "ttl=1m\nttl=2m\n")
      #expect(report.problems.isEmpty)
      #expect(
        report.warnings == ["\(directory.file("f")), line 2: ttl stands on line 1, too; the last counts"])
    }
  }

  @Test("a socket that can't be made is no reason not to start where systemd hands one over")
  func handedOver() throws {
    try TemporaryDirectory.with { directory in
      let report = try report(
        directory, [.socket: "/no/such/s", .socketGroup: "no-such-group"],
        environment: ["RUNTIME_DIRECTORY": directory.file("r")])
      #expect(report.problems.isEmpty)
      #expect(
        report.warnings == [
          "--socket: '/no/such/s' can't be made: /no/such: No such file or directory; of no effect if systemd hands a "
            + "socket over",
          "--socket-group: there is no group 'no-such-group'; of no effect if systemd hands a socket over",
        ])
    }
  }

  @Test("has no settings where they can't be read, but all that is wrong")
  func unreadable() throws {
    try TemporaryDirectory.with { directory in
      let report = try report(directory, [.ttl: "x", .threads: "x"])
      #expect(report.problems.count == 2)
      #expect(report.settings.isEmpty)
    }
  }
}

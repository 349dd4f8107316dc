import Glibc
import Testing

@Suite("sessionctl doctor")
struct SessionctlDoctorTests {
  /// What the doctor says of a daemon within no time.
  private func doctor(
    _ daemon: DaemonProcess, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> ProgramResult {
    try run(
      Programs.sessionctl, ["--socket", daemon.socketPath, "doctor", "--for", "0s"] + arguments,
      environment: environment)
  }

  /// The names of what it found.
  private func checks(_ daemon: DaemonProcess, environment: [String: String] = [:]) throws -> Set<String> {
    let result = try doctor(daemon, "--json", environment: environment)
    #expect(result.standardError.isEmpty)
    let names = result.standardOutput.matches(of: /"check":"([a-z-]+)"/).map { String($0.1) }
    let isTrouble = result.standardOutput.contains(#""severity":"trouble""#)
    #expect(result.status == .exited(isTrouble ? 1 : 0))
    let strict = try doctor(daemon, "--json", "--strict", environment: environment)
    #expect(strict.status == .exited(strict.standardOutput.contains(#""check":"#) ? 1 : 0))
    return Set(names)
  }

  /// What is found on every machine whose temporary directory is on a disk.
  private let anyway: Set<String> = ["segment-file-system"]

  /// A systemctl that says this of every unit.
  private func systemctl(_ directory: TemporaryDirectory, _ properties: String) throws -> [String: String] {
    try Files.write("#!/bin/sh\ncat <<'END'\n\(properties)\nEND\n", to: directory.file("systemctl"))
    try check(chmod(directory.file("systemctl"), 0o755), "chmod")
    return ["PATH": "\(directory.path):\(Programs.environment("PATH") ?? "/usr/bin:/bin")"]
  }

  @Test(
    "finds nothing in a daemon that is well",
    .enabled(if: SmallFileSystem.isPossible, "needs root, unshare, nsenter and mount, for a tmpfs"))
  func healthy() throws {
    try TemporaryDirectory.with { directory in
      let files = try SmallFileSystem(in: directory, mebibytes: 32)
      let daemon = try DaemonProcess.start(
        in: directory,
        DaemonOptions(arguments: ["--max-memory", "8M"], wrapper: files.wrapper, segment: "small/segment"))
      defer { daemon.kill() }
      _ = try daemon.ask("SET s1 a 1").version
      let result = try doctor(daemon)
      #expect(result.status == .exited(0), "\(result.standardOutput)")
      #expect(result.outputLines.last == "Nothing is wrong.")
      let json = try doctor(daemon, "--json")
      #expect(json.standardOutput.hasPrefix(#"{"findings":[],"gaps":["#))
    }
  }

  @Test(
    "finds a file system with less room than max-memory",
    .enabled(if: SmallFileSystem.isPossible, "needs root, unshare, nsenter and mount, for a tmpfs"))
  func smallFileSystem() throws {
    try TemporaryDirectory.with { directory in
      // One that is smaller as a whole is refused at the start; this one has others' files on it.
      let files = try SmallFileSystem(in: directory, mebibytes: 64)
      try files.fill(leaving: 8 << 20)
      let daemon = try DaemonProcess.start(
        in: directory,
        DaemonOptions(arguments: ["--max-memory", "64M"], wrapper: files.wrapper, segment: "small/segment"))
      defer { daemon.kill() }
      #expect(try checks(daemon) == ["segment-room"])
    }
  }

  @Test("finds a socket that everybody may write to, and says what to do")
  func socketMode() throws {
    try withDaemon("--socket-mode", "0666") { daemon in
      #expect(try checks(daemon).subtracting(anyway) == ["socket-mode"])
      let result = try doctor(daemon)
      #expect(result.status == .exited(1))
      #expect(result.standardOutput.contains("trouble: Every user of this machine may connect"))
      #expect(result.standardOutput.contains("  remedy: Set socket-mode=0660"))
      #expect(!result.standardOutput.contains("\u{1B}"))
    }
  }

  @Test("finds a directory in which everybody may put another socket")
  func directoryMode() throws {
    try withDaemon { daemon in
      try check(chmod(daemon.directory.path, 0o777), "chmod")
      #expect(try checks(daemon).subtracting(anyway) == ["socket-directory"])
    }
  }

  @Test("finds that writes were refused, that sessions were ended for room, and that the mapping is not used")
  func fullCache() throws {
    let value = "\"\(String(repeating: "v", count: 100_000))\""
    try withDaemon("--max-memory", "8M") { daemon in
      let connection = try daemon.connect()
      var isFull = false
      for index in 0..<200 where !isFull {
        isFull = try connection.request("SET s\(index) a \(value)").errorCode == "full"
      }
      #expect(try checks(daemon).subtracting(anyway) == ["full"])
    }
    try withDaemon("--max-memory", "8M", "--when-full", "evict") { daemon in
      let connection = try daemon.connect()
      for index in 0..<200 { _ = try connection.request("SET s\(index) a \(value)").version }
      _ = try connection.request("SET small a 1").version
      let reads = Array(String(repeating: "GET small a\n", count: 1000).utf8)
      for _ in 0..<11 { _ = try connection.exchange(reads, replies: 1000) }
      #expect(try checks(daemon).subtracting(anyway) == ["evictions", "mapping"])
    }
  }

  @Test("finds a cache that is nearly full, before a write is refused")
  func nearlyFull() throws {
    let value = "\"\(String(repeating: "v", count: 20_000))\""
    try withDaemon("--max-memory", "8M") { daemon in
      let connection = try daemon.connect()
      // A little more than the nine tenths from which on it is said.
      var part = 0.0
      for index in 0..<1000 where part < 0.92 {
        _ = try connection.request("SET s\(index) a \(value)").version
        let statistics = try connection.request("STATS")
        part = try statistics.number("reserved") / statistics.number("limit")
      }
      #expect(part >= 0.92)
      #expect(try connection.request("STATS").number("full") == 0)
      #expect(try checks(daemon).subtracting(anyway) == ["memory"])
    }
  }

  // Who may list sessions has them saved first by doing so.
  @Test(
    "finds a store that does not keep up, for a user who may not list sessions",
    .enabled(if: Credentials.canChangeUser && Programs.has("sqlite3"), "needs root, setpriv and sqlite3(1)"))
  func storeQueue() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      try check(chmod(directory.path, 0o755), "chmod")
      // So patient that the store is not away while somebody else has the database.
      let arguments = [
        "--store", "sqlite:\(state)/sessions.db", "--store-queue", "20", "--store-timeout", "60s",
        "--socket-mode", "0666",
      ]
      let daemon = try DaemonProcess.start(in: directory, DaemonOptions(arguments: arguments))
      defer { daemon.kill() }
      let command = [Programs.sessionctl, "--socket", daemon.socketPath, "doctor", "--for", "0s"]
      let before = try run("setpriv", Credentials.asStranger(command))
      #expect(!before.standardOutput.contains("The store"))
      let lock = try DatabaseLock("\(state)/sessions.db", in: directory)
      defer { lock.release() }
      for session in 0..<15 { _ = try daemon.ask("SET s\(session) a 1").version }
      #expect(try daemon.storeStatistics().number("unsaved") == 15)
      let result = try run("setpriv", Credentials.asStranger(command))
      #expect(result.status == .exited(1), "\(result.standardError)")
      #expect(
        result.standardOutput.contains("trouble: The store does not keep up: 15 sessions"),
        "\(result.standardOutput)")
      #expect(!result.standardOutput.contains("is away"))
    }
  }

  @Test("finds a low hit ratio, and a reclaimer that stands still")
  func shortLives() throws {
    try withDaemon(
      DaemonOptions(environment: ["SESSIOND_TEST_STALL": "reclaimer:1s"])
    ) { daemon in
      let connection = try daemon.connect()
      try eventually("the reclaimer stands still") { try connection.request("STATS").number("uptime") > 1.2 }
      for index in 0..<100 { _ = try connection.request("SET s\(index) a TTL 0.05 1").version }
      try eventually("the last one is over") { try connection.request("EXISTS s99") == "OK false" }
      let reads = Array(String(repeating: "GET s1 a\n", count: 1000).utf8)
      _ = try connection.exchange(reads, replies: 1000)
      #expect(try checks(daemon).subtracting(anyway) == ["hit-ratio", "reclaimer"])
    }
  }

  @Test("finds clients that were turned away")
  func limits() throws {
    try withDaemon("--max-connections", "8", "--max-connections-per-user", "8") { daemon in
      do {
        var open: [RawConnection] = []
        try eventually("eight are served") {
          let connection = try daemon.connect()
          // One that is turned away may be so before it can send.
          if (try? connection.request("PING")) == #"OK "pong""# { open.append(connection) }
          return open.count == 8
        }
        #expect(try daemon.connect().reply().errorCode == "limit")
      }
      try eventually("there is room again") { (try? daemon.ask("PING")) == #"OK "pong""# }
      #expect(try checks(daemon).subtracting(anyway) == ["connection-limit"])
    }
  }

  @Test("finds a unit without a watchdog and with too little memory")
  func unit() throws {
    try withDaemon { daemon in
      let environment = try systemctl(
        daemon.directory, "MainPID=\(daemon.pid)\nWatchdogUSec=0\nMemoryMax=134217728\nRestart=always")
      let result = try doctor(daemon, "--unit", "planted.service", environment: environment)
      #expect(result.status == .exited(1))
      #expect(result.standardOutput.contains("The watchdog is off in planted.service"))
      #expect(result.standardOutput.contains("MemoryMax= of planted.service is 128.0 MiB"))
      #expect(!result.standardOutput.contains("not looked at"))
    }
  }

  @Test("says why it did not look at a unit: it is another process's, or systemctl fails")
  func otherUnit() throws {
    try withDaemon { daemon in
      let other = try systemctl(daemon.directory, "MainPID=1\nWatchdogUSec=0")
      let result = try doctor(daemon, "--unit", "planted.service", environment: other)
      #expect(result.standardOutput.contains("not looked at: the service, since"))
      #expect(result.standardOutput.contains("is not the main process of planted.service"))
      #expect(!result.standardOutput.contains("watchdog"))
      try Files.write("#!/bin/sh\necho broken >&2\nexit 1\n", to: daemon.directory.file("systemctl"))
      let broken = try doctor(daemon, "--unit", "planted.service", environment: other)
      #expect(broken.standardOutput.contains("systemctl show planted.service failed: broken"))
    }
  }

  @Test(
    "says what a user may not look at",
    .enabled(if: Credentials.canChangeUser, "needs root, and setpriv"))
  func otherUser() throws {
    try withDaemon("--socket-mode", "0666", "--mappers", "root") { daemon in
      try check(chmod(daemon.directory.path, 0o755), "chmod")
      let command = [Programs.sessionctl, "--socket", daemon.socketPath, "doctor", "--for", "0s"]
      let result = try run("setpriv", Credentials.asStranger(command))
      #expect(result.status == .exited(1), "\(result.standardError)")
      #expect(result.standardOutput.contains("not looked at: the segment's file system, since"))
      #expect(result.standardOutput.contains("only the role admin may list sessions"))
    }
  }

  @Test("finds a daemon that does not answer")
  func silent() throws {
    try withDaemon { daemon in
      try daemon.signal(SIGSTOP)
      let result = try daemon.sessionctl("doctor", "--timeout", "0.3")
      #expect(result.status == .exited(1))
      #expect(result.standardOutput.contains("did not answer within 0.3s"))
      #expect(result.standardError.isEmpty)
      try daemon.signal(SIGCONT)
    }
  }

  @Test("changes nothing, and slides no session's time")
  func changesNothing() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      let before = try daemon.ask("STATS").number("sets")
      let left = try daemon.ask("INFO s1").number("ttl")
      _ = try checks(daemon)
      #expect(try daemon.ask("INFO s1").number("ttl") < left)
      #expect(try daemon.ask("STATS").number("sets") == before)
    }
  }

  @Test(
    "a wrong command line: status 2; no daemon: status 3",
    arguments: [["--for", "2h"], ["--for", "x"], ["extra"]])
  func usage(arguments: [String]) throws {
    try TemporaryDirectory.with { directory in
      let socket = ["--socket", directory.file("sessiond.sock"), "doctor"]
      let refused = try run(Programs.sessionctl, socket + arguments)
      let alone = try run(Programs.sessionctl, socket)
      #expect(refused.status == .exited(2))
      #expect(alone.status == .exited(3))
    }
  }
}

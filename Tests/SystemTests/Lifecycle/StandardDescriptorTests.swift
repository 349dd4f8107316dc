import Glibc
import Testing

@Suite("Whatever the standard descriptors are, the daemon serves")
struct StandardDescriptorTests {
  /// Its standard error is the pipe.
  private func options(_ pipe: Pipe) -> DaemonOptions {
    DaemonOptions(
      arguments: ["--max-connections", "4", "--max-connections-per-user", "2"], configuration: "ttl=100s\n",
      prelude: "exec 2>&3 3>&-", descriptors: [pipe.writeEnd])
  }

  /// Lets it log: reloads, and a client that is turned away.
  private func makeItLog(_ daemon: DaemonProcess) throws {
    let connection = try daemon.connect()
    try Files.write("ttl=200s\n", to: daemon.configurationPath)
    try daemon.signal(SIGHUP)
    try eventually("the new configuration holds") {
      _ = try connection.request("DEL s1")
      _ = try connection.request("SET s1 a 1").version
      return try connection.request("INFO s1").number("idle") == 200
    }
    try daemon.waitUntilAlone(connection)
    let second = try daemon.connect()
    #expect(try second.readsPong())
    for _ in 0..<3 { #expect(try !daemon.connect().readsPong()) }
    #expect(try connection.request("GET s1 a") == "OK 1")
  }

  @Test("stderr is a pipe whose reader is gone: it reloads, turns clients away, serves, and stops")
  func brokenPipe() throws {
    let pipe = try Pipe()
    try withDaemon(options(pipe)) { daemon in
      pipe.closeReadEnd()
      try makeItLog(daemon)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
    }
  }

  @Test("stderr is a full pipe that nobody reads: it starts, reloads, turns clients away, serves, and stops")
  func fullPipe() throws {
    let pipe = try Pipe()
    try pipe.fill()
    try withDaemon(options(pipe)) { daemon in
      try makeItLog(daemon)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
    }
  }

  @Test("a reader of stderr that stops reading holds nothing up, and reads what is logged once it goes on")
  func stoppedReader() throws {
    let pipe = try Pipe()
    try withDaemon(options(pipe)) { daemon in
      try pipe.fill()
      try makeItLog(daemon)
      let unread = try pipe.readWhatIsThere()
      #expect(unread.contains("is ready"))
      #expect(!unread.contains("turned away"), "that was logged into the full pipe")
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      #expect(try pipe.readWhatIsThere().contains("going down"))
    }
  }

  @Test("descriptors 0, 1 and 2 are closed: they are /dev/null, and no log line gets into the segment")
  func closed() throws {
    try withDaemon(DaemonOptions(configuration: "ttl=100s\n", prelude: "exec 0<&- 1>&- 2>&-")) { daemon in
      for number in 0...2 {
        var target = [UInt8](repeating: 0, count: 100)
        let count = try check(readlink("/proc/\(daemon.pid)/fd/\(number)", &target, target.count), "readlink")
        #expect(String(decoding: target[..<count], as: UTF8.self) == "/dev/null")
      }
      #expect(try daemon.ask("SET s1 a 1").version < 100)
      // A line for the log: this file can't be used.
      try Files.write("ttl=never\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      #expect(try daemon.ask("SET s1 a 2").version < 100)
      try daemon.signal(SIGTERM)
      #expect(try daemon.waitForExit() == .exited(0))
      #expect(daemon.standardError == "")
      #expect(try Files.text(daemon.socketPath + ".lock") == "\(daemon.pid)\n")
      // The segment tells the next one its last version.
      try Files.write("", to: daemon.configurationPath)
      try daemon.restart()
      #expect((2..<1_000_000).contains(try daemon.ask("SET s1 a 1").version))
    }
  }
}

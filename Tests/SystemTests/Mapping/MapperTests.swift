import Glibc
import Testing

@Suite("Who may map, and what comes of a descriptor in another user's hands")
struct MapperTests {
  private func options(mappers: String) -> DaemonOptions {
    DaemonOptions(arguments: ["--socket-mode", "0666"], configuration: "mappers=\(mappers)\n")
  }

  @Test("with none nobody may, the daemon's own user neither; who is denied goes on")
  func nobody() throws {
    try withDaemon(options(mappers: "none")) { daemon in
      let connection = try daemon.connect()
      connection.takesDescriptors = true
      let replies = try connection.exchange(Array("SET s1 a 1\nMAP\nGET s1 a\nMAP\n".utf8), replies: 4)
      #expect(replies[1].errorCode == "denied")
      #expect(replies[2] == "OK 1")
      #expect(replies[3].errorCode == "denied")
      #expect(connection.descriptors.isEmpty)
      #expect(try connection.request("STATS").contains(#""mapped":{"hits":0,"maps":0}"#))
    }
  }

  // Needs root, to be two users, and setpriv and socat.
  @Test(
    "a list names users and groups, supplementary ones among them; the daemon's own user always may",
    .enabled(if: Credentials.canConnectAsStranger),
    arguments: [
      ("all", [], true), ("none", [], false), ("\(Credentials.stranger)", [], true),
      ("%\(Credentials.stranger)", [], true), ("\(Credentials.stranger + 1)", [], false),
      ("root,%root", [], false), ("1,%4242", [4241, 4242], true), ("1,%4242", [4241], false),
      ("4242", [4242], false), ("%4300", Array(4201...4300), true),
    ] as [(String, [UInt32], Bool)])
  func lists(mappers: String, groups: [UInt32], isAllowed: Bool) throws {
    try withDaemon(options(mappers: mappers)) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      _ = try daemon.ask("SET s1 a 1").version
      let result = try Credentials.askAsStranger(
        ["MAP", "GET s1 a"], socket: daemon.socketPath, groups: groups)
      let lines = result.outputLines.map(String.init)
      try #require(lines.count == 2, "\(result.standardError)")
      #expect(isAllowed ? lines[0].hasPrefix(#"OK {"format":"#) : lines[0].errorCode == "denied")
      #expect(lines[1] == "OK 1")
      #expect(try daemon.ask("MAP").hasPrefix("OK ") == (mappers != "none"))
    }
  }

  @Test("a changed list holds for the connections that there are; what was mapped stays mapped")
  func reload() throws {
    try withDaemon(options(mappers: "all")) { daemon in
      let connection = try daemon.connect()
      let (_, descriptor) = try connection.map()
      try Files.write("mappers=none\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("the new list holds") { try connection.request("MAP").errorCode == "denied" }
      #expect(try descriptor.word(at: 0) != 0)
      // A list that can't be used changes nothing.
      let logged = daemon.standardError.count
      try Files.write("mappers=no-such-user\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("it says so") {
        daemon.standardError.dropFirst(logged).contains("there is no user 'no-such-user'")
      }
      #expect(try connection.request("MAP").errorCode == "denied")
      try Files.write("mappers=%root\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("the own user may again") { try connection.request("MAP").hasPrefix("OK ") }
    }
  }

  // Needs root, to become another user, and setpriv.
  @Test(
    "in the hands of another user it can't be opened anew, neither for writing nor for reading",
    .enabled(if: Credentials.canChangeUser))
  func reopened() throws {
    try withDaemon { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let (_, descriptor) = try daemon.connect().map()
      let script = """
        head -c 8 <&3; echo
        for path in /proc/self/fd/3 /dev/fd/3 '\(daemon.directory.file("segment"))'; do
          (exec 4<>"$path") 2>&1 || echo refused
          (exec 4<"$path") 2>&1 || echo refused
          (exec 4>>"$path") 2>&1 || echo refused
        done
        chmod 0666 /proc/self/fd/3 2>&1 || echo refused
        """
      let result = try run(
        "setpriv", Credentials.asStranger(["/bin/sh", "-c", script]), descriptors: [descriptor.number])
      let lines = result.outputLines
      // It can be read, as it is.
      #expect(lines.first == "SESSIOND")
      #expect(lines.count { $0 == "refused" } == 10, "\(result.standardOutput)")
      #expect(lines.count { $0.contains("Permission denied") } == 9, "\(result.standardOutput)")
      #expect(Files.mode(daemon.directory.file("segment")) == 0o600)
    }
  }

  @Test(
    "a list with somebody whom nobody knows: status 78, and one line that names him",
    arguments: [("no-such-user", "user 'no-such-user'"), ("root,%no-such-group", "group 'no-such-group'")])
  func unknown(mappers: String, named: String) throws {
    try TemporaryDirectory.with { directory in
      let daemon = try DaemonProcess(launching: directory, options(mappers: mappers))
      defer { daemon.kill() }
      #expect(try daemon.waitForExit() == .exited(78))
      let lines = daemon.standardError.split(separator: "\n")
      #expect(lines.count == 1)
      #expect(lines.first?.contains("line 1: mappers: there is no \(named)") == true, "\(lines)")
    }
  }
}

import Glibc
import Testing

@Suite("Roles")
struct RoleTests {
  private static let stranger = Credentials.stranger

  private func options(_ configuration: String) -> DaemonOptions {
    DaemonOptions(arguments: ["--socket-mode", "0666"], configuration: configuration)
  }

  private func role(_ hello: String) -> String? {
    hello.firstMatch(of: /"role":"([a-z]+)"/).map { String($0.1) }
  }

  @Test(
    "follow from the lists of admins and readers, which name users and groups, supplementary ones among them",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat, to be two users"),
    arguments: [
      ("", [], "app"), ("admins=none\nreaders=none\n", [], "app"),
      ("admins=\(stranger)\n", [], "admin"), ("admins=%\(stranger)\n", [], "admin"),
      ("admins=1,%4242\n", [4241, 4242], "admin"), ("admins=1,%4242\n", [4241], "app"),
      ("admins=4242\n", [4242], "app"), ("readers=\(stranger)\n", [], "reader"),
      ("readers=%4242\n", [4242], "reader"), ("readers=root,%root\n", [], "app"),
      ("readers=all\n", [], "reader"), ("readers=all\nadmins=%4300\n", Array(4201...4300), "admin"),
      ("admins=all\nreaders=\(stranger)\n", [], "admin"),
    ] as [(String, [UInt32], String)])
  func lists(configuration: String, groups: [UInt32], expected: String) throws {
    try withDaemon(options(configuration)) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      _ = try daemon.ask("SET s1 a 1").version
      let lines = try Credentials.askAsStranger(
        ["HELLO", "GET s1 a", "SET s1 a 2", "LIST"], socket: daemon.socketPath, groups: groups
      ).outputLines.map(String.init)
      try #require(lines.count == 4)
      #expect(role(lines[0]) == expected)
      #expect(lines[1] == "OK 1")
      #expect((lines[2].errorCode == "denied") == (expected == "reader"), "\(lines[2])")
      #expect((lines[3].errorCode == "denied") == (expected != "admin"), "\(lines[3])")
      // The daemon's own user is admin, whoever else is.
      #expect(role(try daemon.ask("HELLO")) == "admin")
    }
  }

  @Test(
    "say what each user may do: the rest is denied, and the connection goes on",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat, to be two users"),
    arguments: ["readers", "nobody", "admins"])
  func commands(list: String) throws {
    let least: [(role: String, requests: [String])] = [
      (
        "reader",
        ["HELLO", "PING", "HELP", "GET s1", "PEEK s1", "MGET s1 a", "EXISTS s1", "TTL s1", "INFO s1"]
      ),
      ("reader", ["STATS", "METRICS", "MAP", "READS 1", "TAGGED t", "UNWATCH", "WHY s1", "DUMP s1"]),
      ("app", ["SET s1 b 1", "MSET s1 {}", "INCR s1 n", "EXPIRE s1 50", "TOUCH s1", "DEL s2", "NEW"]),
      ("app", ["TAG s1 t", "UNTAG s1 t", "RENAME s3", "REVOKE s3", "REVOKEALL u"]),
      ("admin", ["LIST", #"RESTORE {"session":"s4"}"#, "WATCH *", "FLUSH"]),
    ]
    let roles = ["readers": ["reader"], "nobody": ["reader", "app"], "admins": ["reader", "app", "admin"]]
    let allowed = roles[list]!
    let configuration = list == "nobody" ? "" : "\(list)=\(Self.stranger)\n"
    try withDaemon(options(configuration)) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      _ = try daemon.ask("MSET s1 {\"a\":1}").version
      for (role, requests) in least {
        let lines = try Credentials.askAsStranger(requests, socket: daemon.socketPath).outputLines
        let replies = lines.map(String.init).filter { !$0.hasPrefix("EVENT ") }
        try #require(replies.count == requests.count, "\(replies)")
        for (request, reply) in zip(requests, replies) {
          #expect((reply.errorCode == "denied") == !allowed.contains(role), "\(request): \(reply)")
        }
      }
    }
  }

  @Test(
    "let readers read, and their reading keeps no session alive",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat, to be two users"))
  func readersSlideNothing() throws {
    try withDaemon(options("readers=\(Self.stranger)\n")) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 a TTL 1000 1").version
      pause(milliseconds: 50)
      let before = try connection.request("TTL s1").okNumber
      let lines = try Credentials.askAsStranger(
        ["GET s1 a", "GET s1", "MGET s1 a", "TOUCH s1"], socket: daemon.socketPath
      ).outputLines.map(String.init)
      #expect(lines.prefix(3) == ["OK 1", #"OK {"a":1}"#, #"OK {"a":1}"#])
      #expect(lines.last?.errorCode == "denied")
      #expect(try connection.request("TTL s1").okNumber <= before)
      #expect(try connection.request("STATS").number("hits") == 3)
    }
  }

  @Test(
    "are logged when they deny something: each user once, with the process, and no session's id",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat, to be two users"))
  func logged() throws {
    try withDaemon(options("readers=\(Self.stranger)\n")) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      for _ in 0..<3 {
        _ = try Credentials.askAsStranger(["SET secret a 1", "FLUSH", "MAP"], socket: daemon.socketPath)
      }
      let lines = daemon.standardError.split(separator: "\n").filter { $0.contains("denied") }
      #expect(lines.count == 1, "\(lines)")
      #expect(lines.first?.contains("user \(Self.stranger) (pid ") == true)
      #expect(
        lines.first?.hasSuffix("was denied a request: SET wants the role app; yours is reader") == true)
      #expect(!daemon.standardError.contains("secret"))
    }
  }

  @Test(
    "change with the configuration for those who connect from then on, and stay for who is connected",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat, to be two users"))
  func reload() throws {
    guard let setpriv = Programs.tool("setpriv"), let socat = Programs.tool("socat") else { return }
    try withDaemon(options("readers=\(Self.stranger)\n")) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let (answers, goOn) = (daemon.directory.file("answers"), daemon.directory.file("go-on"))
      let script = """
        {
          echo HELLO
          for round in $(seq 2000); do [ -e \(goOn) ] && break; sleep 0.01; done
          echo HELLO; echo SET s1 a 1
        } | \(socat) -t 10 - UNIX-CONNECT:\(daemon.socketPath)
        """
      let child = try ChildProcess(
        program: setpriv, arguments: Credentials.asStranger(["/bin/sh", "-c", script]),
        environment: Programs.plainEnvironment, standardOutput: answers,
        standardError: daemon.directory.file("errors"))
      defer { child.stop() }
      try eventually("it is connected") { (try? Files.text(answers))?.contains("\n") == true }
      try Files.write("admins=\(Self.stranger)\n", to: daemon.configurationPath)
      try daemon.signal(SIGHUP)
      try eventually("who connects now is admin") {
        role(try Credentials.askAsStranger(["HELLO"], socket: daemon.socketPath).standardOutput) == "admin"
      }
      try Files.write("", to: goOn)
      #expect(try child.waitForExit() == .exited(0))
      let lines = try Files.text(answers).split(separator: "\n").map(String.init)
      try #require(lines.count == 3, "\(lines)")
      #expect(role(lines[0]) == "reader")
      #expect(role(lines[1]) == "reader")
      #expect(lines[2].errorCode == "denied")
    }
  }
}

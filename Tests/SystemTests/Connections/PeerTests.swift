import Glibc
import Testing

@Suite("Who a client is comes from the kernel, as of connect()")
struct PeerTests {
  private let openToAll = DaemonOptions(arguments: ["--socket-mode", "0666"])

  private func role(_ hello: String) -> String? {
    hello.firstMatch(of: /"role":"([a-z]+)"/).map { String($0.1) }
  }

  @Test("the daemon's own user is admin")
  func ownUser() throws {
    try withDaemon { daemon in
      let hello = try daemon.ask("HELLO")
      #expect(role(hello) == "admin")
      #expect(try daemon.ask("FLUSH") == "OK 0")
    }
  }

  // Needs root, to be two users, and socat and setpriv, to connect as the other one.
  @Test(
    "another user is app: every command but LIST and FLUSH", .enabled(if: Credentials.canConnectAsStranger))
  func stranger() throws {
    try withDaemon(openToAll) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      _ = try daemon.ask("SET s1 a 1").version
      let result = try Credentials.askAsStranger(
        [
          "HELLO", "LIST", "FLUSH", "GET s1 a", "SET s1 b 2", "MSET s2 {}", "PEEK s1", "MGET s1 a",
          "INCR s1 n", "EXISTS s1",
          "TTL s1", "EXPIRE s1 5", "TOUCH s1", "INFO s1", "STATS", "METRICS", "DEL s2", "HELP", "PING", "MAP",
          "READS 5",
          "QUIT",
        ], socket: daemon.socketPath)
      let replies = result.outputLines.map(String.init)
      try #require(replies.count == 22, "\(result.standardError)")
      #expect(role(replies[0]) == "app")
      #expect(replies[1].errorCode == "denied")
      #expect(replies[2].errorCode == "denied")
      #expect(replies[3...].allSatisfy { $0.hasPrefix("OK") })
      #expect(try daemon.ask("GET s1") == #"OK {"a":1,"b":2,"n":1}"#)
    }
  }

  // Needs root, to be two users, and setpriv and socat.
  @Test("whom the socket's mode keeps out cannot connect", .enabled(if: Credentials.canConnectAsStranger))
  func keptOut() throws {
    try withDaemon { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let result = try Credentials.askAsStranger(["PING"], socket: daemon.socketPath)
      #expect(result.status != .exited(0))
      #expect(result.standardOutput.isEmpty)
    }
  }

  // Needs root, to become another user, and setpriv.
  @Test(
    "a connection keeps its identity in the hands of another process and user",
    .enabled(if: Credentials.canChangeUser))
  func handedOver() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let result = try run(
        "setpriv",
        Credentials.asStranger(["/bin/sh", "-c", "id -u; printf 'HELLO\\nLIST\\n' >&3; head -n 2 <&3"]),
        descriptors: [connection.descriptor])
      let lines = result.outputLines.map(String.init)
      #expect(lines.first == String(Credentials.stranger))
      #expect(lines.count == 3 && role(lines[1]) == "admin")
      #expect(lines.last == #"OK {"sessions":[],"next":null}"#)
    }
  }

  // Needs socat, which gives its connection to the shell that takes its place.
  @Test(
    "a connection keeps its role when the process that opened it is gone", .enabled(if: Programs.has("socat"))
  )
  func openerGone() throws {
    try withDaemon { daemon in
      let answer = daemon.directory.file("answer")
      let script = daemon.directory.file("script")
      try Files.write(
        """
        opener=$$
        exec 3<&0
        (
          for round in $(seq 1000); do kill -0 $opener 2>/dev/null || break; sleep 0.01; done
          kill -0 $opener 2>/dev/null && exit 1
          echo LIST; read reply <&3; echo "$reply" > \(answer)
        ) &
        """, to: script)
      let opener = try run("socat", ["UNIX-CONNECT:\(daemon.socketPath)", "EXEC:/bin/sh \(script),nofork"])
      #expect(opener.status == .exited(0))
      try eventually("the one that is left has its answer") {
        (try? Files.text(answer)) == #"OK {"sessions":[],"next":null}"# + "\n"
      }
    }
  }

  // Needs root, to be two users, and setpriv and socat.
  @Test(
    "the path that a client bound its socket to plays no part",
    .enabled(if: Credentials.canConnectAsStranger))
  func boundPath() throws {
    try withDaemon(openToAll) { daemon in
      try check(chmod(daemon.directory.path, 0o777), "chmod")
      let result = try Credentials.askAsStranger(
        ["HELLO", "LIST"], socket: daemon.socketPath, options: ",bind=\(daemon.directory.path)/x;uid=0;")
      let lines = result.outputLines.map(String.init)
      #expect(lines.count == 2, "\(result.standardError)")
      #expect(lines.first.flatMap(role) == "app")
      #expect(lines.last?.errorCode == "denied")
    }
  }

  @Test("descriptors sent along are refused or closed: 1,000 messages leave none behind")
  func descriptorsSentAlong() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      try daemon.waitUntilAlone(connection)
      let before = daemon.facts.descriptors.count
      let many = [Int32](repeating: connection.descriptor, count: 253)
      for _ in 0..<1000 {
        if try !sendDescriptors(many, byte: UInt8(ascii: " "), over: connection.descriptor) {
          try connection.send(" ")
        }
      }
      #expect(try connection.request("PING") == #"OK "pong""#)
      #expect(daemon.facts.descriptors.count == before)
      // A connection that closes with such a message unread leaves none behind either.
      let other = try daemon.connect()
      _ = try sendDescriptors(many, byte: UInt8(ascii: "x"), over: other.descriptor)
      other.close()
      try eventually("they are gone") { daemon.facts.descriptors.count == before }
    }
  }
}

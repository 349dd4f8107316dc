import Glibc
import Testing

@Suite("WATCH tells what happens to sessions")
struct WatchTests {
  @Test("of one session, of several, or of all, in order and each once, whoever changes them")
  func whichSessions() throws {
    try withDaemon("--threads", "2") { daemon in
      let one = try Watcher(daemon, "a")
      let several = try Watcher(daemon, "a b")
      let all = try Watcher(daemon, "*")
      let writers = try (0..<3).map { _ in try daemon.connect() }
      var expected: [Watcher.Event] = []
      for number in 0..<60 {
        let session = ["a", "b", "c"][number % 3]
        let version = try writers[number % 2].request("SET \(session) k \(number)").version
        expected.append(
          .init(number: one.start + 1 + UInt64(number), kind: "set", session: session, version: version))
      }
      #expect(try all.events(60) == expected)
      #expect(try several.events(40) == expected.filter { $0.session != "c" })
      #expect(try one.events(20) == expected.filter { $0.session == "a" })
      for watcher in [one, several, all] { #expect(try watcher.connection.request("PING") == #"OK "pong""#) }
    }
  }

  @Test("each change by its name, and nothing of what only slides the time to live")
  func kinds() throws {
    try withDaemon { daemon in
      let watcher = try Watcher(daemon, "*")
      let client = try daemon.connect()
      let set = try client.request("SET a k 1").version
      for request in [
        "GET a k", "PEEK a k", "MGET a k", "TOUCH a", "EXPIRE a 600", "TTL a", "INFO a", "DEL a x",
      ] {
        #expect(try client.request(request).errorCode == nil)
      }
      #expect(try client.request("INCR a n") == "OK 1")
      let many = try client.request("MSET b {}").version
      #expect(try client.request("SET b k IF 1 1").errorCode == "conflict")
      #expect(try client.request("DEL a n") == "OK 1")
      #expect(try client.request("DEL a") == "OK 1")
      #expect(try client.request("DEL a") == "OK 0")
      #expect(try client.request("FLUSH") == "OK 1")
      _ = try client.request("SET c k TTL 0.05 1").version
      let events = try watcher.events(8)
      #expect(
        events.map { "\($0.kind) \($0.session)" } == [
          "set a", "set a", "set b", "set a", "del a", "del b", "set c", "expire c",
        ])
      #expect(events.map(\.number) == (1...8).map { watcher.start + $0 })
      #expect(events[0].version == set && events[2].version == many)
      #expect(events[4].version == events[3].version && events[5].version == many)
    }
  }

  @Test("a rename to who watches the old id, the new one, or all; then each id goes on with its own")
  func renames() throws {
    try withDaemon { daemon in
      let (old, new, other) = (
        try Watcher(daemon, "old"), try Watcher(daemon, "new"), try Watcher(daemon, "x")
      )
      let both = try Watcher(daemon, "old new")
      let client = try daemon.connect()
      _ = try client.request("SET old k 1").version
      #expect(try client.request("RENAME old new GRACE 60") == #"OK "new""#)
      let renamed = UInt64(try client.request("INFO new").number("version"))
      let set = try client.request("SET new k 2").version
      #expect(try client.request("REVOKE old") == "OK 1")
      #expect(try client.request("SET x k 1").errorCode == nil)
      let rename = Watcher.Event(
        number: old.start + 2, kind: "rename", session: "old", version: renamed, to: "new")
      let change = Watcher.Event(number: old.start + 3, kind: "set", session: "new", version: set)
      // The alias takes the session with it.
      let end = Watcher.Event(number: old.start + 4, kind: "revoke", session: "new", version: set)
      #expect(try old.events(2).last == rename)
      #expect(try new.events(3) == [rename, change, end])
      #expect(try Array(both.events(4).dropFirst()) == [rename, change, end])
      #expect(try other.event().number == old.start + 5)
      #expect(try old.connection.request("PING") == #"OK "pong""#)
    }
  }

  @Test("revoked sessions, tags, new ones and restored ones, but no marks")
  func logOut() throws {
    try withDaemon { daemon in
      let watcher = try Watcher(daemon, "*")
      let client = try daemon.connect()
      _ = try client.request("NEW")
      #expect(try client.request("SET a k 1").errorCode == nil)
      #expect(try client.request("TAG a t") == "OK 1")
      #expect(try client.request("TAG a t") == "OK 0")
      #expect(try client.request("UNTAG a u") == "OK 0")
      #expect(try client.request("REVOKE a nobody") == "OK 1")
      #expect(try client.request("REVOKE a") == "OK 0")
      #expect(try client.request("SET a k 1").errorCode == "revoked")
      let dump = try client.request(#"RESTORE {"session":"b","tags":["t"],"data":{"k":1}}"#).version
      #expect(try client.request("REVOKEALL t") == "OK 1")
      let events = try watcher.events(6)
      #expect(events.map(\.kind) == ["set", "set", "set", "revoke", "set", "revoke"])
      #expect(events.dropFirst().map(\.session) == ["a", "a", "a", "b", "b"])
      #expect(events[3].version == events[2].version && events[5].version == dump)
      #expect(try watcher.connection.request("PING") == #"OK "pong""#)
    }
  }

  @Test("a change can be read, by whoever is told of it, at once")
  func visible() throws {
    try withDaemon("--threads", "2") { daemon in
      let start = try Watcher(daemon, "s").start
      let path = daemon.socketPath
      try inThreads(2) { index in
        guard index == 0 else {
          let writer = try RawConnection(path: path)
          for number in 1...2000 { _ = try writer.request("SET s n \(number)").version }
          return
        }
        let watcher = try Watcher(path: path, "s SINCE \(start)")
        let reader = try RawConnection(path: path)
        for number in 1...2000 {
          _ = try watcher.event()
          let seen = try reader.request("GET s n")
          guard let value = Int(seen.dropFirst(3)), value >= number else {
            throw Failure("\(seen) when told of \(number)")
          }
        }
      }
    }
  }

  @Test(
    "to an admin alone of all sessions; to others of those whose ids they know",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat"))
  func roles() throws {
    try withDaemon("--socket-mode", "0666") { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let answers = try Credentials.askAsStranger(
        ["WATCH *", "WATCH * SINCE 1", "WATCH s", "SET s k 1", "UNWATCH"], socket: daemon.socketPath)
      let lines = answers.outputLines.map(String.init)
      #expect(lines.prefix(2).allSatisfy { $0.errorCode == "denied" })
      #expect(lines.dropFirst(2).map { $0.prefix(3) } == ["OK ", "OK ", "OK"])
    }
  }

  @Test("once on a connection: the second WATCH is refused and changes nothing")
  func twice() throws {
    try withDaemon { daemon in
      let watcher = try Watcher(daemon, "a")
      for request in ["WATCH b", "WATCH a", "WATCH *"] {
        #expect(try watcher.connection.request(request).errorCode == "limit")
      }
      _ = try daemon.ask("SET b k 1").version
      _ = try daemon.ask("SET a k 1").version
      #expect(try watcher.event().session == "a")
      #expect(try watcher.connection.request("UNWATCH") == "OK")
      let start = try watcher.connection.request("WATCH b").version
      #expect(start == watcher.start + 2)
    }
  }

  @Test("a daemon with an idle watcher does not wake up")
  func idle() throws {
    try withDaemon { daemon in
      let watcher = try Watcher(daemon, "*")
      _ = try daemon.ask("SET s k 1").version
      _ = try watcher.event()
      pause(milliseconds: 1500)
      let before = try daemon.facts.voluntarySwitches
      pause(milliseconds: 1500)
      #expect(try daemon.facts.voluntarySwitches == before)
    }
  }
}

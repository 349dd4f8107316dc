import Glibc
import SessionClient
import Testing

@Suite("The client library over the real daemon")
struct ClientTests {
  struct Cart: Codable, Equatable {
    struct Item: Codable, Equatable {
      var name: String
      var price: Double
      var count: Int?
    }
    var items: [Item]
    var isPaid: Bool
    var note: String?
  }

  // MARK: Values

  @Test("typed values come back as they were set")
  func roundTrips() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      let cart = Cart(
        items: [.init(name: "Tee \"grün\" 😀\n", price: 2.5, count: nil)], isPaid: false, note: "x")
      try await sessions.set("s1", "text", "é \"quoted\" \\ \n\u{1}")
      try await sessions.set("s1", "least", Int.min)
      try await sessions.set("s1", "truth", true)
      try await sessions.set("s1", "real", 0.1)
      try await sessions.set("s1", "cart", cart)
      try await sessions.set("s1", "list", [1, 2, 3])
      try await sessions.set("s1", "table", ["a": [true, false]])
      #expect(try await sessions.get("s1", "text", as: String.self) == "é \"quoted\" \\ \n\u{1}")
      #expect(try await sessions.get("s1", "least", as: Int.self) == Int.min)
      #expect(try await sessions.get("s1", "truth", as: Bool.self) == true)
      #expect(try await sessions.get("s1", "real", as: Double.self) == 0.1)
      #expect(try await sessions.get("s1", "cart", as: Cart.self) == cart)
      #expect(try await sessions.peek("s1", "list", as: [Int].self) == [1, 2, 3])
      #expect(try await sessions.get("s1", "table", as: [String: [Bool]].self) == ["a": [true, false]])
      #expect(try await sessions.get("s1", "nothing", as: Int.self) == nil)
      #expect(try await sessions.get("nobody", "text", as: String.self) == nil)
    }
  }

  @Test("literals of any JSON are set in one step, and come back in their order")
  func literals() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await sessions.setMany("s1", ["key1": "value1", "key2": 42, "key3": true])
      let whole = try await sessions.get("s1")
      #expect(whole?.keys == ["key1", "key2", "key3"])
      #expect(whole == ["key1": "value1", "key2": 42, "key3": true])
      try await sessions.set("s1", "key2", ["a": [1, 2.5, nil], "b": ["c": false]])
      let value = try await sessions.get("s1", "key2", as: SessionValue.self)
      #expect(value == ["a": [1, 2.5, nil], "b": ["c": false]])
      #expect(try await sessions.getMany("s1", ["key3", "key1", "key9"])?.keys == ["key1", "key3"])
    }
  }

  @Test("every call does what its command does")
  func everyCall() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await sessions.ping()
      let hello = try await sessions.hello()
      #expect(hello.server == "sessiond" && hello.protocolVersion == 1 && hello.role == "admin")
      let first = try await sessions.set("s1", "a", 1, ttl: .seconds(1000))
      let second = try await sessions.setMany("s1", fieldsOf: Cart(items: [], isPaid: true), ifVersion: first)
      #expect(second > first)
      #expect(try await sessions.increment("s1", "a", by: 41) == 42)
      #expect(try await sessions.exists("s1"))
      #expect(try await sessions.exists("s2") == false)
      let left = try await sessions.ttl("s1")
      #expect(left.map { $0 > .seconds(900) && $0 <= .seconds(1000) } == true)
      #expect(try await sessions.ttl("s2") == nil)
      #expect(try await sessions.expire("s1", after: .seconds(50)))
      let info = try await sessions.info("s1")
      #expect(info?.keys == 3 && info?.idle == 50 && info?.tags == [])
      #expect(try await sessions.touch(["s1", "s2"]) == 1)
      #expect(try await sessions.delete("s1", keys: ["a", "b"]) == 1)
      let page = try await sessions.list(prefix: "s", limit: 10)
      #expect(page.sessions == ["s1"])
      #expect(try await sessions.delete("s1"))
      #expect(try await sessions.delete("s1") == false)
      let statistics = try await sessions.stats()
      #expect(statistics.pid == Int(daemon.pid) && statistics.sessions == 0)
      #expect(statistics.commands["INCR"]?.count == 1)
      try await sessions.set("s3", "a", 1)
      #expect(try await sessions.flush() == 1)
    }
  }

  // MARK: Sharing

  @Test("two clients and another process share a session")
  func sharing() async throws {
    try await withDaemon { daemon in
      let one = daemon.client()
      let other = daemon.client()
      try await one.set("s1", "from", "one")
      #expect(try await other.get("s1", "from", as: String.self) == "one")
      let process = try run(
        Programs.sessionctl, ["--socket", daemon.socketPath, "set", "s1", "from", "\"a process\""])
      #expect(process.status == .exited(0), "\(process.standardError)")
      #expect(try await one.get("s1", "from", as: String.self) == "a process")
      #expect(try await other.get("s1", "from", as: String.self) == "a process")
    }
  }

  @Test("increments of many tasks over several clients add up")
  func increments() async throws {
    try await withDaemon { daemon in
      let clients = [daemon.client(), daemon.client(), daemon.client()]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<30 {
          let sessions = clients[task % 3]
          group.addTask { for _ in 0..<100 { try await sessions.increment("cart", "count") } }
        }
        try await group.waitForAll()
      }
      #expect(try await clients[0].get("cart", "count", as: Int.self) == 3000)
    }
  }

  @Test("many tasks on one client each get their own reply")
  func ownReplies() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<200 {
          group.addTask {
            for round in 0..<10 {
              let value = "\(task):\(round):" + String(repeating: "x", count: task * 20)
              try await sessions.set("s\(task)", "a", value)
              let found = try await sessions.get("s\(task)", "a", as: String.self)
              guard found == value else { throw Failure("task \(task) got \(found ?? "nothing")") }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await sessions.stats().connections.accepted <= 3)
    }
  }

  @Test("changes under ifVersion: by many tasks are lost in no case")
  func optimisticChanges() async throws {
    try await withDaemon { daemon in
      let clients = [daemon.client(), daemon.client()]
      try await clients[0].set("s1", "n", 0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<4 {
          let sessions = clients[task % 2]
          group.addTask {
            var done = 0
            for _ in 0..<10_000 where done < 25 {
              guard let info = try await sessions.info("s1") else { throw Failure("no session") }
              let n = try await sessions.get("s1", "n", as: Int.self) ?? 0
              do {
                try await sessions.set("s1", "n", n + 1, ifVersion: info.version)
                done += 1
              } catch SessionError.conflict(let current) {
                guard current > info.version else {
                  throw Failure("conflict at \(current), had \(info.version)")
                }
              }
            }
            guard done == 25 else { throw Failure("only \(done) changes") }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await clients[0].get("s1", "n", as: Int.self) == 100)
    }
  }

  // MARK: Errors

  @Test("the daemon's refusals are typed errors")
  func refusals() async throws {
    let options = DaemonOptions(arguments: ["--max-session", "8K", "--max-line", "64K"])
    try await withDaemon(options) { daemon in
      let sessions = daemon.client()
      let version = try await sessions.set("s1", "a", "text")
      await #expect(throws: SessionError.conflict(currentVersion: version)) {
        try await sessions.set("s1", "a", 1, ifVersion: 0)
      }
      await #expect(throws: SessionError.conflict(currentVersion: 0)) {
        try await sessions.setMany("s2", ["a": 1], ifVersion: version)
      }
      await #expect { try await sessions.increment("s1", "a") } throws: { error in
        if case SessionError.type = error { true } else { false }
      }
      for size in [10_000, 100_000] {
        await #expect { try await sessions.set("s1", "b", String(repeating: "x", count: size)) } throws: {
          error in
          if case SessionError.tooLarge = error { true } else { false }
        }
      }
      await #expect { try await sessions.get("s1", "a", as: Int.self) } throws: { error in
        if case SessionError.decoding = error { true } else { false }
      }
      await #expect { try await sessions.get("", "a", as: Int.self) } throws: { error in
        if case SessionError.invalidName = error { true } else { false }
      }
      #expect(try await sessions.get("s1", "a", as: String.self) == "text")
    }
  }

  @Test("a full cache is SessionError.full, and reading goes on")
  func full() async throws {
    try await withDaemon(DaemonOptions(arguments: ["--max-memory", "4M"])) { daemon in
      let sessions = daemon.client()
      let value = String(repeating: "x", count: 50_000)
      await #expect {
        for index in 0..<1000 { try await sessions.set("s\(index)", "a", value) }
      } throws: { error in
        if case SessionError.full = error { true } else { false }
      }
      let kept = try await sessions.get("s0", "a", as: String.self)
      #expect(kept == value)
    }
  }
}

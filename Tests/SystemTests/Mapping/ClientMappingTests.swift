import Glibc
import SessionClient
import TestSupport
import Testing

@Suite("The client's reads out of the segment")
struct ClientMappingTests {
  private static let rounds = Programs.runsLongTests ? 2000 : 150

  @Test("give what the daemon would have answered, whatever is read as whatever")
  func bothWays() async throws {
    let seed = UInt64(truncatingIfNeeded: Int(secondsSinceBoot() * 1e6))
    try await withDaemon { daemon in
      let both = try BothWays(daemon)
      var maker = SessionMaker(random: SplitMix64(seed: seed))
      for _ in 0..<Self.rounds {
        let (id, session) = (maker.name(), maker.session())
        try await both.plain.setMany(id, session)
        var keys = session.keys.shuffled(using: &maker.random)
        keys.append(contentsOf: ["none", maker.name()])
        // One that is asked for twice, and ones that are none.
        if let first = keys.first { keys.append(first) }
        let differences = await both.differences(id, keys)
        #expect(differences.isEmpty, "seed \(seed): \(differences.first ?? "")")
        if maker.random.pick(4) == 0 { try await both.plain.delete(id) }
        let others = await both.differences(id, [maker.name(), ""])
        #expect(others.isEmpty, "seed \(seed): \(others.first ?? "")")
      }
      for names in [["", "a"], ["a\nb", "a"], [String(repeating: "x", count: 256), "a"], ["a", "\u{85}"]] {
        #expect(await both.differences(names[0], [names[1]]) == [])
      }
      try await both.plain.set("s", "a", 1)
      let tooMany = (0..<1025).map { "k\($0)" }
      #expect(await both.differences("s", ["", "a\u{7F}", "a"]) == [])
      await #expect(throws: SessionError.self) { try await both.mapped.getMany("s", tooMany) }
      #expect(try await both.mapped.getMany("s", Array(tooMany.dropLast()))?.count == 0)
      #expect(try await both.mapped.stats().mapped.hits > 0)
    }
  }

  @Test("see what another process wrote as soon as it was acknowledged")
  func acknowledged() throws {
    try withDaemon { daemon in
      let sessions = daemon.client()
      let writer = try daemon.connect()
      for round in 0..<2000 {
        _ = try writer.request("SET s1 n \(round)").version
        #expect(try sessions.blocking.get("s1", "n") == round)
        if round % 10 == 9 {
          #expect(try writer.request("DEL s1") == "OK 1")
          #expect(try sessions.blocking.get("s1", "n", as: Int.self) == nil)
        }
      }
    }
  }

  @Test("are counted in the daemon's statistics, also by sessionctl, and cost it no request")
  func counted() async throws {
    try await withDaemon { daemon in
      let sessions = daemon.client()
      try await sessions.set("s1", "n", 1)
      for _ in 0..<1000 { #expect(try await sessions.get("s1", "n") == 1) }
      let statistics = try await sessions.stats()
      #expect(statistics.mapped.hits == 1000)
      #expect(statistics.mapped.maps == 1)
      #expect(statistics.commands["GET"] == nil)
      for _ in 0..<10 { #expect(try sessions.blocking.get("s1", "n") == 1) }
      sessions.close()
      try eventually("the rest is told") { try daemon.ask("STATS").contains(#""mapped":{"hits":1010,"#) }
      let table = try run(Programs.sessionctl, ["--socket", daemon.socketPath, "stats"])
      #expect(table.standardOutput.contains("1,010"))
    }
  }

  @Test("keep a session alive that nobody else uses, with few requests; a look at it does not")
  func sliding() throws {
    try withDaemon { daemon in
      let sessions = daemon.client()
      // The first reply brings the mapping.
      _ = try sessions.blocking.exists("used")
      _ = try daemon.ask("SET used n TTL 2 1").version
      _ = try daemon.ask("SET peeked n TTL 2 1").version
      let start = secondsSinceBoot()
      var wasPeeked = true
      // More than twice its time to live.
      while secondsSinceBoot() < start + 5 {
        #expect(try sessions.blocking.get("used", "n") == 1)
        wasPeeked = try sessions.blocking.peek("peeked", "n", as: Int.self) != nil
        pause(milliseconds: 1)
      }
      #expect(!wasPeeked)
      let statistics = try daemon.ask("STATS")
      let touches = try statistics.number("TOUCH\":{\"count")
      // At most once in a fifth of a second, by the time that really went by.
      #expect(touches >= 3 && touches <= (secondsSinceBoot() - start) * 5 + 1)
      #expect(!statistics.contains(#""GET":"#))
    }
  }

  @Test("go over the socket for who may not map, or does not want to, with the same results")
  func denied() async throws {
    try await withDaemon(DaemonOptions(configuration: "mappers=none\n")) { daemon in
      let sessions = daemon.client()
      try await sessions.set("s1", "n", 1)
      for _ in 0..<10 { #expect(try await sessions.get("s1", "n") == 1) }
      let statistics = try await sessions.stats()
      #expect(statistics.mapped.hits == 0 && statistics.mapped.maps == 0)
      #expect(statistics.commands["GET"]?.count == 10)
      #expect(statistics.commands["MAP"]?.count == 1)
    }
  }

  // Needs root, to run the daemon as another user, and setpriv.
  @Test("trust a daemon of another user, whose file it is", .enabled(if: Credentials.canChangeUser))
  func otherUser() async throws {
    try await TemporaryDirectory.with { directory in
      try check(chown(directory.path, Credentials.stranger, Credentials.stranger), "chown")
      guard let setpriv = Programs.tool("setpriv") else { throw Failure("no setpriv") }
      let daemon = try DaemonProcess.start(
        in: directory, DaemonOptions(wrapper: [setpriv] + Credentials.asStranger([])))
      defer { daemon.kill() }
      let sessions = daemon.client()
      try await sessions.set("s1", "n", 1)
      #expect(try await sessions.get("s1", "n") == 1)
      #expect(try await sessions.stats().mapped.hits == 1)
    }
  }

  @Test("never give an expired session, even while the daemon stands still")
  func expired() throws {
    try withDaemon { daemon in
      let sessions = daemon.client(
        SessionClient.Options(requestTimeout: .milliseconds(100), reconnectPatience: .zero))
      _ = try daemon.ask("SET s1 n TTL 0.3 1").version
      _ = try daemon.ask("SET s2 n 2").version
      #expect(try sessions.blocking.peek("s2", "n") == 2)
      try daemon.signal(SIGSTOP)
      defer { try? daemon.signal(SIGCONT) }
      try eventually("it ends") {
        do {
          #expect(try sessions.blocking.peek("s1", "n") == 1)
          return false
        } catch {
          return error as? SessionError == .timedOut(mayHaveBeenApplied: false)
        }
      }
      // What still lives is read on.
      #expect(try sessions.blocking.peek("s2", "n") == 2)
    }
  }
}

import SessionClient

extension ConformanceCase {
  /// An event as one line.
  private static func text(_ event: SessionEvent?) -> String {
    guard let event else { return "nothing" }
    return "\(event.kind.rawValue) \(event.session ?? "-")" + (event.newSession.map { " to \($0)" } ?? "")
  }

  static let events = [
    ConformanceCase("who watches a session is told of all that happens to it, in order") { trial in
      let sessions = trial.sessions
      let began = try await sessions.set("s1", "a", 1)
      var iterator = sessions.events(of: "s1", "s3").makeAsyncIterator()
      let last = try await iterator.begin()
      let first = try await sessions.set("s1", "a", 2)
      try trial.expect(first > began, "a new version")
      try await sessions.set("s2", "a", 1)
      try await sessions.touch("s1")
      try await sessions.expire("s1", after: .seconds(50))
      let second = try await sessions.setMany("s1", [:])
      try await sessions.increment("s1", "n")
      try await sessions.delete("s1", keys: ["n", "none"])
      try await sessions.delete("s1", keys: ["none"])
      try await sessions.tag("s1", ["t"])
      try await sessions.tag("s1", ["t"])
      try await sessions.untag("s1", ["t"])
      try await sessions.rename("s2", to: "s3", grace: nil)
      try await sessions.delete("s1")
      try await sessions.revoke("s3")
      var events: [SessionEvent] = []
      for _ in 0..<9 { events += [try await iterator.next()].compactMap(\.self) }
      try trial.expect(
        events.map { text($0) },
        [
          "set s1", "set s1", "set s1", "set s1", "set s1", "set s1", "rename s2 to s3", "del s1",
          "revoke s3",
        ])
      try trial.expect(events[0].version, first)
      try trial.expect(events[1].version, second)
      try trial.expect(events[7].version, events[5].version)
      try trial.expect(events[8].version, events[6].version)
      let numbers = [last] + events.map(\.sequence)
      try trial.expect(numbers, Set(numbers).sorted())
    },
    ConformanceCase("an iteration goes on behind an event that is known") { trial in
      let sessions = trial.sessions
      var all = sessions.events().makeAsyncIterator()
      try await all.begin()
      let id = try await sessions.create(["a": 1])
      try await sessions.rename(id, to: "s1", grace: .seconds(50))
      try await sessions.restore(SessionDump(session: "s2"))
      let first = try await all.next()
      try trial.expect(text(first), "set \(id)")
      var rest = sessions.events(since: first?.sequence).makeAsyncIterator()
      try trial.expect(text(try await rest.next()), "rename \(id) to s1")
      try trial.expect(text(try await rest.next()), "set s2")
      var one = sessions.events(of: ["s1"], since: first?.sequence).makeAsyncIterator()
      try trial.expect(text(try await one.next()), "rename \(id) to s1")
      try await sessions.flush()
      try trial.expect(text(try await one.next()), "del s1")
    },
    ConformanceCase("events that nobody has any more are told as missed") { trial in
      let sessions = trial.sessions
      var all = sessions.events().makeAsyncIterator()
      let last = try await all.begin()
      for since in [last + 1_000_000_000, 0, 1] {
        var late = sessions.events(since: since).makeAsyncIterator()
        let missed = try await late.next()
        try trial.expect(missed?.kind, .missed)
        let version = try await sessions.set("s1", "a", 1)
        let next = try await late.next()
        try trial.expect(next?.version, version)
        try trial.expect((next?.sequence ?? 0) > (missed?.sequence ?? 0), "a number behind it")
      }
      let known = try await all.next()
      try trial.expect(text(known), "set s1")
    },
    ConformanceCase("who waits for an event hears of a session that ends by itself") { trial in
      let sessions = trial.sessions
      var iterator = sessions.events(of: "s1").makeAsyncIterator()
      try await iterator.begin()
      let version = try await sessions.set("s1", "a", 1, ttl: .milliseconds(200))
      _ = try await iterator.next()
      async let advanced: Void = trial.advance(.milliseconds(300))
      let event = try await iterator.next()
      try await advanced
      try trial.expect(text(event), "expire s1")
      try trial.expect(event?.version, version)
    }.notShared,
    ConformanceCase("an iteration ends with its task, and what can't be watched is refused") { trial in
      let sessions = trial.sessions
      let task = Task { for try await _ in sessions.events(of: "s1") {} }
      task.cancel()
      do {
        try await task.value
        throw Discrepancy("it went on")
      } catch is CancellationError {}
      func expect(_ kind: String, _ ids: [String], since: Int? = nil) async throws {
        try await trial.refused(kind) { for try await _ in $0.events(of: ids, since: since) { return } }
      }
      try await expect("invalidArgument", [])
      try await expect("invalidArgument", ["s1"], since: -1)
      try await expect("invalidName", ["s1", ""])
      try await expect("tooLarge", (0...1024).map { "s\($0)" })
    },
  ]
}

import SessionClient

extension ConformanceCase {
  /// So short that a case may wait for its end.
  private static let short = Duration.milliseconds(200)
  private static let beyond = Duration.milliseconds(300)
  /// So long that a few calls are done before it is over, also on a busy machine.
  private static let long = Duration.seconds(2)

  private static func lifetime(
    _ description: String, _ body: @escaping @Sendable (Trial) async throws -> Void
  ) -> ConformanceCase {
    var new = ConformanceCase(description, body)
    new.lifetime = long
    return new
  }

  private static func prompt(
    _ description: String, _ body: @escaping @Sendable (Trial) async throws -> Void
  ) -> ConformanceCase {
    var new = ConformanceCase(description, body)
    new.needsPromptSliding = true
    return new
  }

  static let time = [
    ConformanceCase("a session that nobody uses ends, and its id is free") { trial in
      let sessions = trial.sessions
      let version = try await sessions.set("s1", "a", 1, ttl: short)
      try await sessions.set("s2", "a", 1)
      try await trial.advance(beyond)
      try trial.expect(try await sessions.get("s1"), nil)
      try trial.expect(try await sessions.exists("s1"), false)
      try trial.expect(try await sessions.why("s1")?.ended, .idle)
      try trial.expect(try await sessions.touch("s1"), false)
      try trial.expect(try await sessions.delete("s1"), false)
      try trial.expect(try await sessions.exists("s2"), true)
      try trial.expect(try await sessions.increment("s1", "a"), 1)
      let info = try await sessions.info("s1")
      try trial.expect(info?.idle, 600)
      try trial.expect((info?.version ?? 0) > version, "a greater version")
      try trial.expect(try await sessions.why("s1"), nil)
    }.notShared,
    ConformanceCase("EXPIRE gives another idle time, which a write may replace") { trial in
      let sessions = trial.sessions
      try await sessions.set("s1", "a", 1, ttl: .seconds(1000))
      try trial.expect(try await sessions.info("s1")?.idle, 1000)
      try await sessions.set("s1", "a", 2)
      try trial.expect(try await sessions.info("s1")?.idle, 1000)
      try trial.expect(try await sessions.expire("s1", after: .milliseconds(90_500.0001)), true)
      // Parts of a millisecond are rounded up.
      try trial.expect(try await sessions.info("s1")?.idle, 90.501)
      try await sessions.setMany("s1", [:], ttl: short)
      try await trial.advance(beyond)
      try trial.expect(try await sessions.exists("s1"), false)
    },
    prompt("uses slide the idle time, looks do not") { trial in
      let sessions = trial.sessions
      let uses: [@Sendable () async throws -> Void] = [
        { _ = try await sessions.get("s1") }, { _ = try await sessions.get("s1", "a", as: Int.self) },
        { _ = try await sessions.get("s1", "none", as: Int.self) },
        { _ = try await sessions.getMany("s1", ["a"]) }, { _ = try await sessions.getMany("s1", []) },
        { _ = try await sessions.withJSON("s1", "a") { _ in } }, { try await sessions.set("s1", "a", 1) },
        { try await sessions.setMany("s1", [:]) }, { try await sessions.increment("s1", "n") },
        { try await sessions.delete("s1", keys: ["n"]) }, { try await sessions.delete("s1", keys: ["n"]) },
        { try await sessions.touch("s1") }, { try await sessions.tag("s1", ["t"]) },
        { try await sessions.tag("s1", ["t"]) }, { try await sessions.untag("s1", ["t"]) },
        { try await sessions.untag("s1", ["t"]) },
        { try await sessions.update("s1") { $0["u"] = 1 } }, { try await sessions.update("s1") { _ in } },
      ]
      let looks: [@Sendable () async throws -> Void] = [
        { _ = try await sessions.peek("s1") }, { _ = try await sessions.peek("s1", "a", as: Int.self) },
        { _ = try await sessions.exists("s1") }, { _ = try await sessions.ttl("s1") },
        { _ = try await sessions.info("s1") }, { _ = try await sessions.snapshot("s1") },
        { _ = try await sessions.dump("s1") }, { _ = try await sessions.why("s1") },
        { _ = try await sessions.tagged("t") },
        { _ = try await sessions.list(prefix: nil, after: nil, limit: 5) },
        { try await sessions.update("none") { _ in } },
      ]
      try await sessions.set("s1", "a", 1)
      for (number, use) in uses.enumerated() {
        var hasSlid = false
        // On a busy machine more time may go by after a use than before it.
        for _ in 0..<20 where !hasSlid {
          try await trial.advance(.milliseconds(20))
          let idle = try await sessions.ttl("s1")
          try await use()
          let after = try await sessions.ttl("s1")
          hasSlid = (after ?? .zero) > (idle ?? .zero)
        }
        try trial.expect(hasSlid, "a use: number \(number)")
      }
      for (number, look) in looks.enumerated() {
        let before = try await sessions.ttl("s1")
        try await trial.advance(.milliseconds(20))
        try await look()
        let after = try await sessions.ttl("s1")
        try trial.expect((after ?? .zero) < (before ?? .zero), "a look: number \(number)")
      }
    },
    lifetime("no use passes the absolute lifetime") { trial in
      let sessions = trial.sessions
      // On a busy machine it may be over at any moment, but never too late.
      try await sessions.set("s1", "a", 1, ttl: .seconds(1000))
      try trial.expect(try await sessions.ttl("s1") ?? .zero <= long, "the nearer end")
      try await sessions.touch("s1")
      try await sessions.expire("s1", after: .seconds(1000))
      let isRenamed = try await sessions.rename("s1", to: "s2", grace: .seconds(1000)) != nil
      try await trial.advance(long)
      for id in ["s1", "s2"] {
        try trial.expect(try await sessions.exists(id), false)
        try trial.expect(try await sessions.get(id), nil)
      }
      try trial.expect(try await sessions.why(isRenamed ? "s2" : "s1")?.ended, .lifetime)
    }.notShared,
  ]
}

import SessionClient

extension ConformanceCase {
  private static let short = Duration.milliseconds(200)
  private static let beyond = Duration.milliseconds(300)

  /// Every call that changes a session throws on a closed id.
  private static func expectClosed(_ id: String, _ trial: Trial) async throws {
    try await trial.refused("revoked") { try await $0.set(id, "a", 1) }
    try await trial.refused("revoked") { try await $0.set(id, "a", 1, ifVersion: 0) }
    try await trial.refused("revoked") { try await $0.set(id, "a", 1, ifVersion: 12345) }
    try await trial.refused("revoked") { try await $0.setMany(id, ["a": 1], ttl: .seconds(1)) }
    try await trial.refused("revoked") { try await $0.increment(id, "n") }
    try await trial.refused("revoked") { try await $0.delete(id, keys: ["a"]) }
    try await trial.refused("revoked") { try await $0.expire(id, after: .seconds(1)) }
    try await trial.refused("revoked") { try await $0.tag(id, ["t"]) }
    try await trial.refused("revoked") { try await $0.untag(id, ["t"]) }
    try await trial.refused("revoked") { try await $0.rename(id) }
    try await trial.refused("revoked") { try await $0.restore(SessionDump(session: id)) }
    try await trial.refused("revoked") { try await $0.update(id, beginsSession: true) { $0["a"] = 1 } }
  }

  static let identity = [
    ConformanceCase("a new session gets a random id that is safe in a URL") { trial in
      let sessions = trial.sessions
      var ids: Set<String> = []
      for number in 0..<50 { ids.insert(try await sessions.create(["n": .int(number)])) }
      try trial.expect(ids.count, 50)
      let safe = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
      for id in ids { try trial.expect(id.count == 22 && safe.isSuperset(of: id), "\(id) is safe") }
      let id = try await sessions.create(fieldsOf: Item(name: "tea", price: 1, count: nil), ttl: .seconds(90))
      try trial.expect(try await sessions.get(id, "name", as: String.self), "tea")
      try trial.expect(try await sessions.info(id)?.idle, 90)
      try trial.expect(try await sessions.get(try await sessions.create()), [:])
    },
    ConformanceCase("a renamed session is the same under another id, and the old one is closed") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", ["b": 1, "a": 2], ttl: .seconds(90))
      try await sessions.tag("s1", ["u", "t"])
      let before = try await sessions.info("s1")
      try trial.expect(try await sessions.rename("s1", to: "s2", grace: nil), "s2")
      let after = try await sessions.info("s2")
      try trial.expect(try await sessions.get("s2")?.keys, ["b", "a"])
      try trial.expect(after?.tags, ["u", "t"])
      try trial.expect(after?.idle, 90)
      try trial.expect(after?.created, before?.created)
      try trial.expect((after?.version ?? 0) > (before?.version ?? 0), "a new version")
      try trial.expect(try await sessions.tagged("u"), ["s2"])
      try trial.expect(try await sessions.get("s1"), nil)
      try trial.expect(try await sessions.exists("s1"), false)
      try trial.expect(try await sessions.delete("s1"), false)
      try trial.expect(try await sessions.why("s1")?.ended, .renamed)
      try await expectClosed("s1", trial)
      let random = try await sessions.rename("s2")
      try trial.expect(random?.count, 22)
      try trial.expect(try await sessions.get(random ?? "", "a", as: Int.self), 2)
    },
    ConformanceCase("a session can't be renamed onto another, onto itself, or onto a closed id") { trial in
      let sessions = trial.sessions
      try await sessions.set("s1", "a", 1)
      try await sessions.set("s2", "a", 2)
      try await sessions.revoke("s3")
      try await trial.refused("conflict") { try await $0.rename("s1", to: "s2", grace: nil) }
      try await trial.refused("conflict") { try await $0.rename("s1", to: "s1", grace: .seconds(5)) }
      try await trial.refused("revoked") { try await $0.rename("s1", to: "s3", grace: nil) }
      try trial.expect(try await sessions.rename("none", to: "s2", grace: nil), nil)
      try trial.expect(try await sessions.rename("none", to: "s3", grace: nil), nil)
      try trial.expect(try await sessions.get("s1", "a", as: Int.self), 1)
      try trial.expect(try await sessions.get("s2", "a", as: Int.self), 2)
    },
    ConformanceCase("with a grace the old id can be read, and not written, until it is over") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", ["a": 1])
      try await sessions.rename("s1", to: "s2", grace: .seconds(60))
      try await sessions.rename("s2", to: "s3", grace: .seconds(60))
      try await sessions.set("s3", "a", 2)
      for id in ["s1", "s2"] {
        try trial.expect(try await sessions.get(id, "a", as: Int.self), 2)
        try trial.expect(try await sessions.peek(id), ["a": 2])
        try trial.expect(try await sessions.getMany(id, ["a"]), ["a": 2])
        try trial.expect(try await sessions.getMany(id, []), [:])
        try trial.expect(try await sessions.exists(id), true)
        try trial.expect(try await sessions.ttl(id) == nil, false)
        try trial.expect(
          try await sessions.info(id)?.version, try await sessions.info("s3")?.version)
        try trial.expect(try await sessions.touch(id), true)
        try trial.expect(try await sessions.dump(id), nil)
        try await expectClosed(id, trial)
        try await trial.refused("revoked") { try await $0.delete(id) }
        try await trial.refused("revoked") { try await $0.update(id) { _ in } }
        try await trial.refused("revoked") { try await $0.snapshot(id) }
      }
      try trial.expect(try await sessions.list(prefix: nil, after: nil, limit: 9).sessions, ["s3"])
      try await sessions.delete("s3")
      try trial.expect(try await sessions.get("s1"), nil)
      try await trial.refused("revoked") { try await $0.set("s1", "a", 1) }
    },
    ConformanceCase("after its grace an old id is closed") { trial in
      let sessions = trial.sessions
      try await sessions.set("s1", "a", 1)
      try await sessions.rename("s1", to: "s2", grace: short)
      try await trial.advance(beyond)
      try trial.expect(try await sessions.get("s1"), nil)
      try trial.expect(try await sessions.exists("s1"), false)
      try trial.expect(try await sessions.delete("s1"), false)
      try await expectClosed("s1", trial)
      try await trial.refused("revoked") { try await $0.touch(["s2", "s1"]) }
      try trial.expect(try await sessions.get("s2", "a", as: Int.self), 1)
    },
    ConformanceCase("a revoked session can't be brought back, and others are unaffected") { trial in
      let sessions = trial.sessions
      for id in ["s1", "s2", "s3"] { try await sessions.set(id, "a", 1) }
      try trial.expect(try await sessions.revoke(["s1", "s2", "s2", "none"]), 2)
      try trial.expect(try await sessions.revoke("s1"), false)
      for id in ["s1", "s2", "none"] {
        try trial.expect(try await sessions.get(id), nil)
        try trial.expect(try await sessions.getMany(id, []), nil)
        try trial.expect(try await sessions.peek(id, "a", as: Int.self), nil)
        try trial.expect(try await sessions.ttl(id), nil)
        try trial.expect(try await sessions.info(id), nil)
        try trial.expect(try await sessions.dump(id), nil)
        try trial.expect(try await sessions.delete(id), false)
        try trial.expect(try await sessions.update(id) { _ in 1 }, nil)
        try await expectClosed(id, trial)
        try await trial.refused("revoked") { try await $0.touch([id, "s3"]) }
      }
      try trial.expect(try await sessions.why("s1")?.ended, .revoked)
      try trial.expect(try await sessions.why("none"), nil)
      try trial.expect(try await sessions.get("s3", "a", as: Int.self), 1)
      try trial.expect(try await sessions.increment("s4", "a"), 1)
      try trial.expect(
        try await sessions.list(prefix: nil, after: nil, limit: 9).sessions.sorted(), ["s3", "s4"])
      try trial.expect(try await sessions.flush(), 2)
      try await expectClosed("s1", trial)
      try trial.expect(try await sessions.revoke([]), 0)
    },
    ConformanceCase("an id is closed for as long as its session could have lived") { trial in
      let sessions = trial.sessions
      // On a busy machine the sessions may be over before they are ended.
      func ended(_ ids: String, _ end: (String) async throws -> Bool) async throws -> String {
        for number in 0..<20 {
          let id = "\(ids)\(number)"
          try await sessions.set(id, "a", 1, ttl: .seconds(1))
          if try await end(id) { return id }
        }
        throw Discrepancy("a machine as busy as that")
      }
      let revoked = try await ended("revoked") { try await sessions.revoke($0) }
      let renamed = try await ended("renamed") { try await sessions.rename($0) != nil }
      try await trial.advance(.seconds(1.1))
      try trial.expect(try await sessions.touch([revoked, renamed]), 0)
      try trial.expect(try await sessions.increment(revoked, "a"), 1)
      try trial.expect(try await sessions.increment(renamed, "a"), 1)
    },
    ConformanceCase("revoking an id that was renamed away revokes the session it stands for") { trial in
      let sessions = trial.sessions
      try await sessions.set("s1", "a", 1)
      try await sessions.rename("s1", to: "s2", grace: .seconds(60))
      try trial.expect(try await sessions.revoke(["s1", "s2"]), 1)
      for id in ["s1", "s2"] {
        try trial.expect(try await sessions.get(id), nil)
        try await expectClosed(id, trial)
      }
      try trial.expect(try await sessions.why("s2")?.ended, .revoked)
      // Whether it lives or not.
      try await sessions.set("s3", "a", 1)
      try await sessions.rename("s3", to: "s4", grace: .seconds(60))
      try await sessions.delete("s4")
      try trial.expect(try await sessions.revoke("s3"), false)
      for id in ["s3", "s4"] { try await expectClosed(id, trial) }
    },
    ConformanceCase("why a session ended is known, and who ended it") { trial in
      let sessions = trial.sessions
      for id in ["deleted", "flushed", "revoked", "renamed", "again"] { try await sessions.set(id, "a", 1) }
      try await sessions.delete("deleted")
      try await sessions.delete("again")
      try await sessions.set("again", "a", 1)
      try await sessions.revoke("revoked")
      try await sessions.rename("renamed", to: "new", grace: .seconds(5))
      try trial.expect(try await sessions.why("again"), nil)
      try await sessions.flush()
      for (id, cause) in [
        ("deleted", SessionEnd.Cause.deleted), ("flushed", .deleted), ("revoked", .revoked),
        ("renamed", .renamed), ("new", .deleted), ("again", .deleted),
      ] {
        let end = try await sessions.why(id)
        try trial.expect(end?.ended, cause)
        try trial.expect(end?.uid != nil && end?.pid != nil, "somebody")
        try trial.expect(
          end.map { $0.at > 1_700_000_000 && $0.at < 10_000_000_000 } ?? false, "a date of our time")
      }
    },
  ]
}

import SessionClient

extension ConformanceCase {
  static let tags = [
    ConformanceCase("tags are given and taken, and told in the order given") { trial in
      let sessions = trial.sessions
      let version = try await sessions.set("s1", "a", 1)
      try trial.expect(try await sessions.tag("s1", ["c", "a", "c"]), 2)
      try trial.expect(try await sessions.tag("s1", ["a", "b b"]), 1)
      try trial.expect(try await sessions.info("s1")?.tags, ["c", "a", "b b"])
      let tagged = try await sessions.info("s1")?.version ?? 0
      try trial.expect(tagged > version, "a new version")
      try trial.expect(try await sessions.tag("s1", ["a"]), 0)
      try trial.expect(try await sessions.untag("s1", ["none"]), 0)
      try trial.expect(try await sessions.info("s1")?.version, tagged)
      try trial.expect(try await sessions.untag("s1", ["a", "a", "c"]), 2)
      try trial.expect(try await sessions.info("s1")?.tags, ["b b"])
      try trial.expect(try await sessions.tag("none", ["a"]), nil)
      try trial.expect(try await sessions.untag("none", ["a"]), nil)
      try trial.expect(try await sessions.tagged("a"), [])
    },
    ConformanceCase("writes keep the tags") { trial in
      let sessions = trial.sessions
      try await sessions.set("s1", "a", 1)
      try await sessions.tag("s1", ["t"])
      try await sessions.set("s1", "a", 2, ttl: .seconds(50))
      try await sessions.setMany("s1", ["b": 1], removing: ["a"])
      try await sessions.delete("s1", keys: ["b"])
      try await sessions.increment("s1", "n")
      try await sessions.expire("s1", after: .seconds(60))
      try trial.expect(try await sessions.info("s1")?.tags, ["t"])
      try trial.expect(try await sessions.tagged("t"), ["s1"])
    },
    ConformanceCase("a session has at most 64 tags, and each at most 255 bytes") { trial in
      let sessions = trial.sessions
      try await sessions.set("s1", "a", 1)
      try trial.expect(try await sessions.tag("s1", (0..<64).map { "t\($0)" }), 64)
      try await trial.refused("tooLarge") { try await $0.tag("s1", ["t0", "one more"]) }
      try trial.expect(try await sessions.tag("s1", ["t63"]), 0)
      try await trial.refused("invalidName") {
        try await $0.untag("s1", [String(repeating: "x", count: 256)])
      }
      try trial.expect(try await sessions.untag("s1", ["t5"]), 1)
      try trial.expect(try await sessions.tag("s1", [String(repeating: "x", count: 255)]), 1)
    },
    ConformanceCase("the sessions of a tag are listed in pages, each exactly once") { trial in
      let sessions = trial.sessions
      var ids: Set<String> = []
      for number in 0..<53 {
        let id = "s\(number)"
        ids.insert(id)
        try await sessions.set(id, "a", 1)
        try await sessions.tag(id, ["t", "u\(number)"])
      }
      var listed: [String] = []
      var last: String?
      repeat {
        let page = try await sessions.tagged("t", after: last, limit: 10)
        try trial.expect(page.count <= 10, "a page of ten")
        listed += page
        last = page.last
      } while last != nil
      try trial.expect(listed.count, 53)
      try trial.expect(Set(listed), ids)
      try trial.expect(try await sessions.tagged("u7"), ["s7"])
    },
    ConformanceCase("a tag lists the sessions that bear it, however others ended") { trial in
      let sessions = trial.sessions
      for id in ["deleted", "revoked", "renamed", "expired", "untagged", "left"] {
        try await sessions.set(id, "a", 1)
        try await sessions.tag(id, ["t"])
      }
      try await sessions.delete("deleted")
      try await sessions.revoke("revoked")
      try await sessions.rename("renamed", to: "new", grace: .seconds(60))
      try await sessions.untag("untagged", ["t"])
      try await sessions.expire("expired", after: .milliseconds(100))
      try await trial.advance(.milliseconds(200))
      try await sessions.set("deleted", "a", 1)
      try trial.expect(try await sessions.tagged("t").sorted(), ["left", "new"])
      try await sessions.flush()
      try trial.expect(try await sessions.tagged("t"), [])
    },
    ConformanceCase("all sessions of a tag are revoked in one step") { trial in
      let sessions = trial.sessions
      for number in 0..<20 {
        try await sessions.set("s\(number)", "a", 1)
        try await sessions.tag("s\(number)", number < 15 ? ["user:42", "x"] : ["user:43"])
      }
      try trial.expect(try await sessions.revokeAll(tagged: "user:42"), 15)
      try trial.expect(try await sessions.revokeAll(tagged: "user:42"), 0)
      try trial.expect(try await sessions.revokeAll(tagged: "nobody"), 0)
      try await trial.refused("revoked") { try await $0.increment("s3", "a") }
      try trial.expect(try await sessions.why("s3")?.ended, .revoked)
      try trial.expect(try await sessions.tagged("x"), [])
      try trial.expect(try await sessions.tagged("user:43").count, 5)
      try trial.expect(try await sessions.exists("s17"), true)
    },
    ConformanceCase("ids are listed in pages, each exactly once") { trial in
      let sessions = trial.sessions
      var ids: Set<String> = []
      for number in 0..<25 {
        ids.insert("user:\(number)")
        try await sessions.set("user:\(number)", "a", 1)
        try await sessions.set("guest:\(number)", "a", 1)
      }
      var listed: [String] = []
      var next: String?
      repeat {
        let page = try await sessions.list(prefix: "user:", after: next, limit: 7)
        listed += page.sessions
        next = page.next
      } while next != nil
      try trial.expect(listed.count, 25)
      try trial.expect(Set(listed), ids)
      try trial.expect(try await sessions.flush(), 50)
      try trial.expect(try await sessions.list(prefix: nil, after: nil, limit: 5).sessions, [])
      try trial.expect(try await sessions.flush(), 0)
    },
  ]
}

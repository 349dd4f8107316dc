import SessionClient

extension ConformanceCase {
  static let writing = [
    ConformanceCase("versions grow, and are never given out again") { trial in
      let sessions = trial.sessions
      var versions: [Int] = []
      versions.append(try await sessions.set("s1", "a", 1))
      versions.append(try await sessions.setMany("s1", [:]))
      try await sessions.delete("s1")
      versions.append(try await sessions.set("s1", "a", 1))
      versions.append(try await sessions.set("s2", "a", 1))
      try await sessions.increment("s1", "a")
      versions.append(try await sessions.info("s1")?.version ?? 0)
      try trial.expect(versions, Set(versions).sorted())
      try trial.expect(versions[0] > 0, "greater than 0")
      // What changes no data changes no version.
      try await sessions.expire("s1", after: .seconds(60))
      try await sessions.touch("s1")
      try trial.expect(try await sessions.delete("s1", keys: ["none"]), 0)
      try trial.expect(try await sessions.info("s1")?.version, versions.last)
    },
    ConformanceCase("a write with a version is done only if the session has it") { trial in
      let sessions = trial.sessions
      let first = try await sessions.set("s1", "a", 1, ifVersion: 0)
      let second = try await sessions.setMany("s1", ["a": 2], ifVersion: first)
      for version in [0, first, second + 1] {
        do {
          try await sessions.set("s1", "a", 3, ifVersion: version)
          throw Discrepancy("the version \(version) was taken")
        } catch SessionError.conflict(let current) {
          try trial.expect(current, second)
        }
      }
      do {
        try await sessions.set("s2", "a", 3, ifVersion: second)
        throw Discrepancy("a session was begun")
      } catch SessionError.conflict(let current) {
        try trial.expect(current, 0)
      }
      try trial.expect(try await sessions.get("s1", "a", as: Int.self), 2)
      try trial.expect(try await sessions.exists("s2"), false)
    },
    ConformanceCase("keys are set and removed in one step") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", ["a": 1, "b": 2, "c": 3])
      let version = try await sessions.setMany("s1", ["c": 4, "d": 5], removing: ["a", "none", "c", "a"])
      try trial.expect(try await sessions.get("s1", as: SessionJSON.self)?.text, #"{"b":2,"c":4,"d":5}"#)
      try await trial.refused("conflict") {
        try await $0.setMany("s1", ["x": 1], removing: ["b"], ifVersion: version + 1)
      }
      try await sessions.setMany("s1", [:], removing: ["b", "c", "d"], ifVersion: version)
      try trial.expect(try await sessions.get("s1"), [:])
      try await sessions.setMany("s2", [:], removing: ["a"])
      try trial.expect(try await sessions.get("s2"), [:])
    },
    ConformanceCase("of a key that comes twice the last value counts") { trial in
      try await trial.sessions.setMany("s1", fieldsOf: SessionJSON(#"{"a":1,"b":2,"a":3}"#))
      try trial.expect(try await trial.sessions.get("s1", as: SessionJSON.self)?.text, #"{"a":3,"b":2}"#)
    },
    ConformanceCase("a value's properties become keys") { trial in
      let item = Item(name: "tea", price: 2.5, count: 3)
      try await trial.sessions.setMany("s1", fieldsOf: item)
      try trial.expect(try await trial.sessions.get("s1", as: Item.self), item)
      try trial.expect(try await trial.sessions.get("s1")?.keys, ["count", "name", "price"])
    },
    ConformanceCase("sessions and keys are deleted") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", ["a": 1, "b": 2, "c": 3])
      try trial.expect(try await sessions.delete("s1", keys: ["a", "c", "none", "a"]), 2)
      try trial.expect(try await sessions.delete("s1", keys: []), 0)
      try trial.expect(try await sessions.delete("s1", keys: ["b"]), 1)
      try trial.expect(try await sessions.get("s1"), [:])
      try trial.expect(try await sessions.delete("s1"), true)
      try trial.expect(try await sessions.delete("s1"), false)
      try trial.expect(try await sessions.delete("s1", keys: ["a"]), 0)
      try trial.expect(try await sessions.exists("s1"), false)
    },
    ConformanceCase("whole numbers are counted with, and nothing else") { trial in
      let sessions = trial.sessions
      try trial.expect(try await sessions.increment("s1", "n"), 1)
      try trial.expect(try await sessions.increment("s1", "n", by: -5), -4)
      try trial.expect(try await sessions.increment("s1", "n", by: 0), -4)
      try await sessions.setMany("s1", ["text": "1", "real": 1.5, "most": .int(.max), "null": nil])
      for key in ["text", "real", "most", "null"] {
        try await trial.refused("type") { try await $0.increment("s1", key) }
      }
      try trial.expect(try await sessions.increment("s1", "most", by: .min), -1)
    },
  ]

  static let refusals = [
    ConformanceCase("names that are none are refused") { trial in
      let long = String(repeating: "x", count: 256)
      for name in ["", long, "a\nb", "\u{7F}", "\u{85}"] {
        try await trial.refused("invalidName") { try await $0.get(name) }
        try await trial.refused("invalidName") { try await $0.set("s1", name, 1) }
        try await trial.refused("invalidName") { try await $0.rename("s1", to: name, grace: nil) }
        try await trial.refused("invalidName") { try await $0.tag("s1", [name]) }
        try await trial.refused("invalidName") { try await $0.tagged(name) }
        try await trial.refused("invalidName") { try await $0.setMany("s1", [:], removing: [name]) }
        try await trial.refused("syntax") {
          try await $0.setMany("s1", SessionValue.Object([(name, SessionValue.int(1))]))
        }
      }
      try await trial.sessions.set(String(long.dropLast()), String(long.dropLast()), 1)
      try await trial.sessions.set("GRACE", "IF", 1)
      try await trial.sessions.set(" \"*\" ", "SINCE", 1)
      try trial.expect(try await trial.sessions.list(prefix: nil, after: nil, limit: 10).sessions.count, 3)
    },
    ConformanceCase("arguments out of range are refused") { trial in
      try await trial.refused("invalidArgument") { try await $0.set("s1", "a", 1, ifVersion: -1) }
      for duration in [Duration.zero, .seconds(-1), .seconds(315_360_001)] {
        try await trial.refused("invalidArgument") { try await $0.set("s1", "a", 1, ttl: duration) }
        try await trial.refused("invalidArgument") { try await $0.expire("s1", after: duration) }
        try await trial.refused("invalidArgument") { try await $0.create([:], ttl: duration) }
        try await trial.refused("invalidArgument") { try await $0.rename("s1", to: nil, grace: duration) }
      }
      for limit in [0, -1, 1001] {
        try await trial.refused("syntax") { try await $0.list(prefix: nil, after: nil, limit: limit) }
        try await trial.refused("syntax") { try await $0.tagged("t", after: nil, limit: limit) }
      }
      try trial.expect(try await trial.sessions.exists("s1"), false)
    },
    ConformanceCase("values that JSON or the daemon has no room for are refused") { trial in
      try await trial.refused("encoding") { try await $0.set("s1", "a", Double.nan) }
      func nested(_ depth: Int) throws -> SessionJSON {
        try SessionJSON(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
      }
      try await trial.sessions.set("s1", "a", try nested(64))
      try await trial.refused("badJSON") { try await $0.set("s1", "a", try nested(65)) }
      try await trial.refused("badJSON") { try await $0.setMany("s1", fieldsOf: SessionJSON("[1]")) }
      try await trial.refused("badJSON") { try await $0.create(fieldsOf: SessionJSON("1"), ttl: nil) }
      let half = String(repeating: "x", count: 600_000)
      try await trial.sessions.set("s2", "a", half)
      try await trial.refused("tooLarge") { try await $0.set("s2", "b", half) }
      var many = SessionValue.Object()
      for number in 0...10_000 { many["\(number)"] = 1 }
      try await trial.refused("tooLarge") { try await $0.setMany("s3", many) }
      try trial.expect(try await trial.sessions.exists("s3"), false)
      try trial.expect(try await trial.sessions.get("s2")?.keys, ["a"])
    },
    ConformanceCase("a request has at most 1,024 names") { trial in
      let names = (0...1024).map { "n\($0)" }
      try await trial.sessions.set("s1", "a", 1)
      try await trial.refused("tooLarge") { try await $0.getMany("s1", names) }
      try await trial.refused("tooLarge") { try await $0.delete("s1", keys: names) }
      try await trial.refused("tooLarge") { try await $0.touch(names) }
      try await trial.refused("tooLarge") { try await $0.revoke(names) }
      try await trial.refused("tooLarge") { try await $0.tag("s1", names) }
      try await trial.refused("tooLarge") { try await $0.untag("s1", names) }
      try trial.expect(try await trial.sessions.touch(Array(names.dropLast())), 0)
      // Unlike the others, this has no bound but the line's.
      try await trial.sessions.setMany("s1", [:], removing: names)
    },
    ConformanceCase("what was closed throws closed") { trial in
      try await trial.sessions.set("s1", "a", 1)
      trial.sessions.close()
      do {
        try await trial.sessions.set("s1", "a", 1)
        throw Discrepancy("something was set")
      } catch SessionError.closed {}
      do {
        for try await event in trial.sessions.events(of: "s1") { throw Discrepancy("\(event)") }
      } catch SessionError.closed {}
    },
  ]
}

import SessionClient

extension ConformanceCase {
  static let dumps = [
    ConformanceCase("a session that is restored is as it was dumped") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", fieldsOf: SessionJSON(#"{"b":1.50,"a":"\u00e9"}"#), ttl: .seconds(90))
      try await sessions.tag("s1", ["u", "t"])
      let dump = try await sessions.dump("s1")
      let text = try await sessions.dump("s1", as: SessionJSON.self)
      guard let dump, let text else { throw Discrepancy("there is no dump") }
      try trial.expect(dump.session, "s1")
      try trial.expect(dump.idle, 90)
      try trial.expect(dump.tags, ["u", "t"])
      try trial.expect(dump.data.keys, ["b", "a"])
      try await trial.refused("conflict") { try await $0.restore(dump) }
      try await sessions.delete("s1")
      let later = try await sessions.set("s2", "a", 1)
      try trial.expect(try await sessions.restore(text), dump.version)
      try trial.expect(try await sessions.dump("s1", as: SessionJSON.self)?.text.contains(#""b":1.50"#), true)
      let again = try await sessions.dump("s1")
      try trial.expect(again?.version, dump.version)
      try trial.expect(again?.idle, dump.idle)
      try trial.expect(again?.tags, dump.tags)
      try trial.expect(again?.data, dump.data)
      try trial.expect(try await sessions.tagged("t"), ["s1"])
      try trial.expect(try await sessions.set("s1", "c", 1) > later, "a greater version")
    }.notShared,
    ConformanceCase("what a dump does not say is made up for") { trial in
      let sessions = trial.sessions
      let version = try await sessions.restore(SessionDump(session: "s1"))
      let info = try await sessions.info("s1")
      try trial.expect(info?.version, version)
      try trial.expect(info?.idle, 600)
      try trial.expect(try await sessions.get("s1"), [:])
      try await sessions.restore(SessionDump(session: "s2", version: version + 1000, data: ["a": 1]))
      try trial.expect(try await sessions.set("s3", "a", 1) > version + 1000, "a version behind it")
    },
    ConformanceCase("dumps that are none are refused") { trial in
      let past = SessionDump(session: "s1", expires: 1000)
      try await trial.refused("syntax") { try await $0.restore(past) }
      for text in [
        #"{}"#, #"{"session":""}"#, #"{"session":1}"#, #"{"session":"s1","version":0}"#,
        #"{"session":"s1","version":1.5}"#, #"{"session":"s1","idle":0}"#, #"{"session":"s1","tags":"t"}"#,
        #"{"session":"s1","data":[]}"#, #"{"session":"s1","data":{"":1}}"#,
        #"{"session":"s1","more":1}"#, #"{"session":"s1","session":"s1"}"#,
      ] {
        try await trial.refused("syntax") { try await $0.restore(SessionJSON(text)) }
      }
      try await trial.refused("badJSON") { try await $0.restore(SessionJSON("1")) }
      let many = SessionDump(session: "s1", tags: (0..<65).map { "t\($0)" })
      try await trial.refused("tooLarge") { try await $0.restore(many) }
      try trial.expect(try await trial.sessions.exists("s1"), false)
    },
  ]
}

import SessionClient

struct Item: Codable, Equatable {
  var name: String
  var price: Double
  var count: Int?
}

extension ConformanceCase {
  static let reading = [
    ConformanceCase("values come back as the types that they were set as") { trial in
      let sessions = trial.sessions
      let item = Item(name: "Tee \"grün\" 😀\n\u{1}", price: 2.5, count: nil)
      try await sessions.set("s1", "text", "é \\ \"")
      try await sessions.set("s1", "least", Int.min)
      try await sessions.set("s1", "truth", true)
      try await sessions.set("s1", "real", 0.1)
      try await sessions.set("s1", "item", item)
      try await sessions.set("s1", "literal", ["a": [1, 2.5, nil]])
      let text: String? = try await sessions.get("s1", "text")
      try trial.expect(text, "é \\ \"")
      try trial.expect(try await sessions.get("s1", "least", as: Int.self), .min)
      try trial.expect(try await sessions.peek("s1", "truth", as: Bool.self), true)
      try trial.expect(try await sessions.get("s1", "real", as: Double.self), 0.1)
      try trial.expect(try await sessions.get("s1", "item", as: Item.self), item)
      try trial.expect(
        try await sessions.get("s1", "literal", as: SessionValue.self), ["a": [1, 2.5, nil]])
    },
    ConformanceCase("JSON text is kept byte for byte, less the space between tokens") { trial in
      let raw = try SessionJSON(" { \"a\" : [ 1.50, 1e400, \"\\u00e9\\/\" ],\n\"b\":-0 } ")
      try await trial.sessions.set("s1", "a b", raw)
      let stored = #"{"a":[1.50,1e400,"\u00e9\/"],"b":-0}"#
      try trial.expect(try await trial.sessions.get("s1", "a b", as: SessionJSON.self)?.text, stored)
      let bytes = try await trial.sessions.withJSON("s1", "a b") { $0.count }
      try trial.expect(bytes, stored.utf8.count)
      let whole = try await trial.sessions.get("s1", as: SessionJSON.self)
      try trial.expect(whole?.text, "{\"a b\":\(stored)}")
    },
    ConformanceCase("keys keep the order in which they were first set") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", ["c": 1, "a": 2, "b": 3])
      try await sessions.set("s1", "c", 4)
      try await sessions.setMany("s1", ["z": 5, "a": 6])
      try trial.expect(try await sessions.get("s1")?.keys, ["c", "a", "b", "z"])
      try trial.expect(try await sessions.peek("s1"), ["c": 4, "a": 6, "b": 3, "z": 5])
      try trial.expect(try await sessions.getMany("s1", ["z", "none", "c"])?.keys, ["c", "z"])
      try trial.expect(try await sessions.getMany("s1", ["none"]), [:])
      try trial.expect(try await sessions.getMany("s1", []), [:])
    },
    ConformanceCase("keys and ids are told apart byte by byte") { trial in
      let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
      try await trial.sessions.setMany(
        composed, fieldsOf: SessionJSON("{\"\(composed)\":1,\"\(decomposed)\":2}"))
      try trial.expect(try await trial.sessions.get(composed)?.count, 2)
      try trial.expect(try await trial.sessions.get(composed, decomposed, as: Int.self), 2)
      try trial.expect(try await trial.sessions.exists(decomposed), false)
    },
    ConformanceCase("what is not there is nil, and reading creates nothing") { trial in
      let sessions = trial.sessions
      try trial.expect(try await sessions.get("s1", "a", as: Int.self), nil)
      try trial.expect(try await sessions.get("s1"), nil)
      try trial.expect(try await sessions.peek("s1"), nil)
      try trial.expect(try await sessions.getMany("s1", ["a"]), nil)
      try trial.expect(try await sessions.getMany("s1", []), nil)
      try trial.expect(try await sessions.withJSON("s1", "a") { $0.count }, nil)
      try trial.expect(try await sessions.ttl("s1"), nil)
      try trial.expect(try await sessions.info("s1"), nil)
      try trial.expect(try await sessions.snapshot("s1"), nil)
      try trial.expect(try await sessions.dump("s1"), nil)
      try trial.expect(try await sessions.why("s1"), nil)
      try trial.expect(try await sessions.expire("s1", after: .seconds(5)), false)
      try trial.expect(try await sessions.touch(["s1"]), 0)
      try trial.expect(try await sessions.exists("s1"), false)
      try await sessions.set("s1", "b", 1)
      try trial.expect(try await sessions.get("s1", "a", as: Int.self), nil)
    },
    ConformanceCase("a value of another type is an error") { trial in
      try await trial.sessions.set("s1", "a", "text")
      try await trial.refused("decoding") { try await $0.get("s1", "a", as: Int.self) }
      try await trial.refused("decoding") { try await $0.get("s1", as: Item.self) }
    },
    ConformanceCase("INFO tells of a session") { trial in
      let version = try await trial.sessions.setMany("s1", ["a": 1, "bc": "x"], ttl: .seconds(60))
      let info = try await trial.sessions.info("s1")
      try trial.expect(info?.version, version)
      try trial.expect(info?.idle, 60)
      try trial.expect(info.map { $0.ttl > 0 && $0.ttl <= 60 } ?? false, "a time to live of a minute")
      try trial.expect(info?.keys, 2)
      // Header, id, and for each key six bytes, itself and its value.
      try trial.expect(info?.bytes, 48 + 2 + (6 + 1 + 1) + (6 + 2 + 3))
      try trial.expect(info?.tags, [])
      try trial.expect(
        info.map { $0.created > 1_700_000_000 && $0.created < 10_000_000_000 } ?? false, "a date of our time")
      let snapshot = try await trial.sessions.snapshot("s1")
      try trial.expect(snapshot?.version, version)
      try trial.expect(snapshot?.values, ["a": 1, "bc": "x"])
    },
  ]
}

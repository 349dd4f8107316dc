import SessionClient

extension ConformanceCase {
  private struct Broken: Error {}

  static let updates = [
    ConformanceCase("an update writes what it made different, and nothing else") { trial in
      let sessions = trial.sessions
      try await sessions.setMany("s1", fieldsOf: SessionJSON(#"{"a":1.50,"b":2,"c":3}"#))
      let count = try await sessions.update("s1") { values in
        values["b"] = 4
        values["c"] = nil
        values["d"] = ["x"]
        return values.count
      }
      try trial.expect(count, 3)
      try trial.expect(
        try await sessions.get("s1", as: SessionJSON.self)?.text, #"{"a":1.50,"b":4,"d":["x"]}"#)
      let version = try await sessions.info("s1")?.version
      try trial.expect(try await sessions.update("s1") { $0["a"]?.doubleValue }, 1.5)
      try trial.expect(try await sessions.info("s1")?.version, version)
      try await sessions.update("s1", ttl: .seconds(70)) { _ in }
      try trial.expect(try await sessions.info("s1")?.idle, 70)
    },
    ConformanceCase("an update that throws writes nothing") { trial in
      let sessions = trial.sessions
      let version = try await sessions.set("s1", "a", 1)
      do {
        try await sessions.update("s1") { values in
          values["a"] = 2
          throw Broken()
        }
        throw Discrepancy("it did not throw")
      } catch is Broken {}
      try trial.expect(try await sessions.info("s1")?.version, version)
      try trial.expect(try await sessions.get("s1", "a", as: Int.self), 1)
    },
    ConformanceCase("an update begins a session only where it is told to") { trial in
      let sessions = trial.sessions
      try trial.expect(try await sessions.update("s1") { _ in 1 }, nil)
      try trial.expect(try await sessions.exists("s1"), false)
      try await sessions.update("s1", beginsSession: true, ttl: .seconds(90)) { $0["a"] = 1 }
      try trial.expect(try await sessions.get("s1"), ["a": 1])
      try trial.expect(try await sessions.info("s1")?.idle, 90)
      try await sessions.update("s2", beginsSession: true) { _ in }
      try trial.expect(try await sessions.get("s2"), [:])
    },
    ConformanceCase("updates of many tasks are all done, each once") { trial in
      let sessions = trial.sessions
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<50 {
              try await sessions.update("s1", beginsSession: true) { values in
                values["n"] = .int((values["n"]?.intValue ?? 0) + 1)
              }
            }
          }
        }
        try await group.waitForAll()
      }
      try trial.expect(try await sessions.get("s1", "n", as: Int.self), 200)
    },
    ConformanceCase("a single key is updated as a type of its own") { trial in
      let sessions = trial.sessions
      let item = Item(name: "tea", price: 1, count: 1)
      try await sessions.set("s1", "item", item)
      try await sessions.update("s1", "item", as: Item.self) { $0?.count = 2 }
      try trial.expect(try await sessions.get("s1", "item", as: Item.self)?.count, 2)
      let before = try await sessions.update("s1", "new", as: Int.self) { number in
        defer { number = 5 }
        return number
      }
      try trial.expect(before, .some(nil))
      try await sessions.update("s1", "item", as: Item.self) { $0 = nil }
      try trial.expect(try await sessions.get("s1"), ["new": 5])
      try await trial.refused("decoding") { try await $0.update("s1", "new", as: Item.self) { _ in } }
      try trial.expect(try await sessions.update("none", "new", as: Int.self) { _ in 1 }, nil)
    },
  ]
}

import SessionStore

extension StoreContract {
  static let time = [
    StoreContract("what has ended is not loaded and not listed") { trial in
      try trial.save(
        trial.session("short", version: 1, tags: ["t"], ttl: 0.3),
        trial.session("long", version: 2, tags: ["t"]))
      try trial.expect(try trial.load("short")?.id, Array("short".utf8))
      trial.advance(0.4)
      try trial.expect(try trial.load("short"), nil)
      try trial.expect(try trial.ids(.prefix([])), ["long"])
      try trial.expect(try trial.ids(.tag(Array("t".utf8))), ["long"])
      try trial.expect(try trial.recent().map(\.id), [Array("long".utf8)])
    },
    StoreContract("a use that is told late brings back what has just ended") { trial in
      let version = try trial.save(trial.session("s1", ttl: 0.3))[0]
      trial.advance(0.4)
      let change = StoreChange.extend(
        Array("s1".utf8), version: version, deadline: trial.now() + 60_000_000_000)
      try trial.expect(try trial.apply(change), .done(version: version))
      try trial.expect(try trial.load("s1")?.version, version)
    },
    StoreContract("a use counts for the time to live that it was told with, and for no other") { trial in
      var record = trial.session("s1")
      record.version = try trial.save(record)[0]
      let later = record.deadline + 60_000_000_000
      func use(ttl: Int64) -> StoreChange {
        .extend(record.id, version: record.version, ttl: ttl, deadline: later)
      }
      try trial.expect(try trial.apply(use(ttl: record.ttl + 1)), .conflict)
      try trial.expect(try trial.load("s1"), record)
      try trial.expect(try trial.apply(use(ttl: record.ttl)), .done(version: record.version))
      try trial.expect(try trial.load("s1")?.deadline, later)
    },
    StoreContract("ended records are deleted so many at a time, and nothing else", .own) { trial in
      try trial.save((0..<25).map { trial.session("e\($0)", version: UInt64($0 + 1), tags: ["t"], ttl: 1) })
      try trial.save(trial.session("s1", version: 30, tags: ["t"]))
      try trial.expect(try trial.store.deleteExpired(endedFor: 0, limit: 100), 0)
      trial.advance(2)
      try trial.expect(try trial.store.deleteExpired(endedFor: 3_000_000_000, limit: 100), 0)
      try trial.expect(try trial.store.deleteExpired(endedFor: 0, limit: 10), 10)
      try trial.expect(try trial.store.deleteExpired(endedFor: 0, limit: 10), 10)
      try trial.expect(try trial.store.deleteExpired(endedFor: 0, limit: 10), 5)
      try trial.expect(try trial.store.deleteExpired(endedFor: 0, limit: 10), 0)
      try trial.expect(try trial.ids(.tag(Array("t".utf8))), ["s1"])
      let gone = StoreChange.extend(Array("e1".utf8), version: 2, deadline: trial.now() + 1_000_000_000)
      try trial.expect(try trial.apply(gone), .conflict)
      try trial.expect(try trial.store.open().lastVersion, 30)
    },
    StoreContract("moments are kept to the nanosecond") { trial in
      var record = trial.session("s1")
      record.created = 1
      record.ttl += 7
      record.deadline += 3
      record.version = try trial.save(record)[0]
      try trial.expect(try trial.load("s1"), record)
      record.ttl = 315_360_000_000_000_000
      record.deadline = trial.now() + record.ttl
      record.version = try trial.save(record)[0]
      try trial.expect(try trial.load("s1"), record)
    },
  ]
}

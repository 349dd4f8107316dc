import SessionStore

extension StoreContract {
  static let replacing = [
    StoreContract("a store of one daemon keeps the versions that it is given, and does not compare", .own) {
      trial in
      try trial.save(trial.session("s1", version: 7))
      try trial.expect(
        try trial.apply(.save(trial.session("s1", version: 9), replacing: 3)), .done(version: 9))
      try trial.expect(try trial.load("s1")?.version, 9)
      try trial.expect(try trial.apply(.remove(Array("s1".utf8), replacing: 3)), .done(version: 0))
      try trial.expect(try trial.load("s1"), nil)
    },
    StoreContract("a shared store gives each save a version above all before", .shared) { trial in
      var last = try trial.store.open().lastVersion
      for round in 0..<20 {
        let records = (0..<5).map { trial.session("s\($0)", version: last + UInt64(round * 100)) }
        for version in try trial.save(records) {
          try trial.expect(version > last, "a version above \(last): \(version)")
          last = version
        }
      }
      try trial.expect(try trial.store.open().lastVersion, last)
    },
    StoreContract("a shared store keeps the version where only times have changed", .shared) { trial in
      var record = trial.session("s1")
      record.version = try trial.save(record)[0]
      record.ttl *= 2
      record.deadline += 1_000_000_000
      let outcome = try trial.apply(.save(record, replacing: record.version))
      try trial.expect(outcome, .done(version: record.version))
      try trial.expect(try trial.load("s1"), record)
    },
    StoreContract(
      "a shared store makes no change that rests on another time to live of the same version", .shared
    ) {
      trial in
      let id = Array("s1".utf8)
      var record = trial.session("s1")
      let before = record.ttl
      let version = try trial.save(record)[0]
      record.version = version
      record.ttl = 60_000_000_000
      record.deadline = trial.now() + record.ttl
      let shortened = try trial.apply(.save(record, replacing: version, ttl: before))
      try trial.expect(shortened, .done(version: version))
      let changed = trial.session("s1", version: 1 << 52, fields: [("a", [1])])
      let ending = StoredRecord.mark("s1", version: 1 << 50, at: trial.now(), ttl: before)
      let session = trial.session("s2", version: 1 << 51)
      let late: [StoreChange] = [
        .save(changed, replacing: version, ttl: before),
        .extend(id, version: version, ttl: before, deadline: changed.deadline),
        .rename(ending: ending, session: session, replacing: version, ttl: before),
      ]
      for change in late { try trial.expect(try trial.apply(change), .conflict) }
      try trial.expect(try trial.load("s1"), record)
      try trial.expect(try trial.load("s2"), nil)
      let use = StoreChange.extend(id, version: version, ttl: record.ttl, deadline: record.deadline + 1)
      try trial.expect(try trial.apply(use), .done(version: version))
      let save = StoreChange.save(changed, replacing: version, ttl: record.ttl)
      guard case .done(let second) = try trial.apply(save) else {
        throw StoreDiscrepancy("a conflict with what is there")
      }
      let rename = StoreChange.rename(ending: ending, session: session, replacing: second, ttl: changed.ttl)
      try trial.expect(try trial.apply(rename) != .conflict, "a rename of what is there")
      try trial.expect(try trial.load("s2")?.body, session.body)
    },
    StoreContract("a shared store replaces the version that was meant, and no other", .shared) { trial in
      let id = Array("s1".utf8)
      func record() -> StoredRecord { trial.session("s1", version: 1 << 52) }
      try trial.expect(try trial.apply(.save(record(), replacing: 1)), .conflict)
      try trial.expect(try trial.load("s1"), nil)
      guard case .done(let first) = try trial.apply(.save(record(), replacing: 0)) else {
        throw StoreDiscrepancy("a conflict with nothing")
      }
      try trial.expect(try trial.apply(.save(record(), replacing: 0)), .conflict)
      try trial.expect(try trial.apply(.remove(id, replacing: 0)), .conflict)
      guard case .done(let second) = try trial.apply(.save(record(), replacing: first)) else {
        throw StoreDiscrepancy("a conflict with the version that is there")
      }
      try trial.expect(try trial.apply(.save(record(), replacing: first)), .conflict)
      try trial.expect(try trial.apply(.remove(id, replacing: first)), .conflict)
      try trial.expect(try trial.load("s1")?.version, second)
      try trial.expect(try trial.apply(.remove(id, replacing: second)), .done(version: 0))
      try trial.expect(try trial.apply(.remove(id, replacing: second)), .conflict)
      try trial.expect(try trial.apply(.remove(id, replacing: 0)), .done(version: 0))
    },
    StoreContract("a conflict keeps no other change of the batch from being made", .shared) { trial in
      let outcomes = try trial.store.apply(
        [
          .save(trial.session("s1"), replacing: 0),
          .save(trial.session("s2"), replacing: 9),
          .save(trial.session("s3"), replacing: 0),
          .save(trial.session("s1", version: 1 << 52), replacing: 0),
        ], sync: true)
      try trial.expect(outcomes.map { $0 == .conflict }, [false, true, false, true])
      try trial.expect(try trial.ids(.prefix([])), ["s1", "s3"])
    },
    StoreContract(
      "a session whose time is over is replaced by who knows it, and by who found nothing", .shared
    ) {
      trial in
      let versions = try trial.save(trial.session("s1", ttl: 0.2), trial.session("s2", ttl: 0.2))
      trial.advance(0.3)
      try trial.expect(try trial.load("s1"), nil)
      let known = try trial.apply(.save(trial.session("s1", version: 1 << 52), replacing: versions[0]))
      try trial.expect(known != .conflict, "a save over the version that has just ended")
      let fresh = try trial.apply(.save(trial.session("s2", version: 1 << 52), replacing: 0))
      try trial.expect(fresh != .conflict, "a save over nothing")
      try trial.expect(try trial.ids(.prefix([])), ["s1", "s2"])
    },
    StoreContract("a rename moves a session and leaves its mark, in one step") { trial in
      let first = try trial.save(trial.session("s1", tags: ["t"]))[0]
      let ending = StoredRecord.mark("s1", of: "s2", version: first + 1, at: trial.now(), ttl: 60_000_000_000)
      let session = trial.session("s2", version: first + 2, tags: ["t"], fields: [("a", [1])])
      let outcome = try trial.apply(.rename(ending: ending, session: session, replacing: first), sync: true)
      guard case .done(let version) = outcome else { throw StoreDiscrepancy("a conflict") }
      let (old, new) = (try trial.load("s1"), try trial.load("s2"))
      try trial.expect(old?.kind, .alias)
      try trial.expect(old?.body, ending.body)
      try trial.expect(new?.version, version)
      try trial.expect(new?.body, session.body)
      try trial.expect(Set([first, old?.version, version]).count, 3)
      try trial.expect(try trial.store.open().lastVersion, max(version, old?.version ?? 0))
      try trial.expect(try trial.ids(.tag(Array("t".utf8))), ["s2"])
    },
    StoreContract("a shared store renames neither another version, nor to where a session lives", .shared) {
      trial in
      let versions = try trial.save(trial.session("s1"), trial.session("s2"), trial.session("s4", ttl: 0.2))
      func rename(to name: String, replacing version: UInt64) throws -> StoreOutcome {
        let ending = StoredRecord.mark("s1", version: 1 << 50, at: trial.now(), ttl: 60_000_000_000)
        let session = trial.session(name, version: 1 << 51)
        return try trial.apply(.rename(ending: ending, session: session, replacing: version))
      }
      try trial.expect(try rename(to: "s3", replacing: versions[0] + 100), .conflict)
      try trial.expect(try rename(to: "s2", replacing: versions[0]), .conflict)
      try trial.expect(
        try trial.store.records(["s1", "s2"].map { Array($0.utf8) }).map { $0?.version },
        [versions[0], versions[1]])
      trial.advance(0.3)
      try trial.expect(
        try rename(to: "s4", replacing: versions[0]) != .conflict, "a rename to where one has ended")
      try trial.expect(try trial.load("s1")?.kind, .mark)
      try trial.expect(try trial.ids(.prefix([])), ["s2", "s4"])
    },
  ]
}

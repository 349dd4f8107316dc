import SessionStore

extension StoreContract {
  static let records = [
    StoreContract("a record is loaded as it was saved") { trial in
      let fields: [(key: String, value: [UInt8])] = [
        ("a", Array("1".utf8)), ("b", []), ("c", Array(0...255)),
      ]
      var saved = trial.session("s1", tags: ["user:1", "t"], fields: fields)
      saved.created -= 12_345
      saved.version = try trial.save(saved)[0]
      try trial.expect(try trial.load("s1"), saved)
      try trial.expect(try trial.load("s2"), nil)
    },
    StoreContract("several are loaded in the order of their ids, each as often as it is asked for") { trial in
      var records = (1...20).map { trial.session("s\($0)", version: UInt64($0)) }
      let versions = try trial.save(records)
      for index in records.indices { records[index].version = versions[index] }
      let order = [19, 0, 7, 7, 3]
      let unknown = Array("unknown".utf8)
      let ids = order.map { records[$0].id }
      let loaded = try trial.store.records([unknown] + ids + [unknown])
      try trial.expect(loaded, [nil] + order.map { records[$0] } + [nil])
      try trial.expect(try trial.store.records([]), [])
    },
    StoreContract("a record that is saved again is as it was saved last") { trial in
      try trial.save(trial.session("s1", version: 1, tags: ["t"], fields: [("a", [1])]))
      var second = trial.session("s1", version: 2, tags: ["u"], fields: [("b", [2]), ("c", [3])], ttl: 60)
      second.version = try trial.save(second)[0]
      try trial.expect(try trial.load("s1"), second)
    },
    StoreContract("what is removed is gone, and removing what is not there changes nothing") { trial in
      try trial.save(trial.session("s1"), trial.session("s2"))
      try trial.expect(try trial.apply(.remove(Array("s1".utf8), replacing: nil)), .done(version: 0))
      try trial.expect(try trial.apply(.remove(Array("s1".utf8), replacing: nil)), .done(version: 0))
      try trial.expect(try trial.load("s1"), nil)
      try trial.expect(try trial.load("s2")?.id, Array("s2".utf8))
    },
    StoreContract("marks and aliases are kept like sessions") { trial in
      let time = trial.now()
      var records: [StoredRecord] = [
        .mark("m", version: 1, at: time, ttl: 60_000_000_000),
        .mark("a", of: "s1", version: 2, at: time, ttl: 60_000_000_000),
      ]
      let versions = try trial.save(records)
      for index in records.indices { records[index].version = versions[index] }
      try trial.expect(try trial.load("m"), records[0])
      try trial.expect(try trial.load("a"), records[1])
      try trial.save(trial.session("m", version: 3))
      try trial.expect(try trial.load("m")?.kind, .session)
    },
    StoreContract("changes of one batch are made in their order") { trial in
      let id = Array("s1".utf8)
      let outcomes = try trial.store.apply(
        [
          .save(trial.session("s1", version: 1), replacing: nil),
          .remove(id, replacing: nil),
          .save(trial.session("s1", version: 2, tags: ["t"]), replacing: nil),
          .save(trial.session("s1", version: 3, tags: ["u"]), replacing: nil),
          .save(trial.session("s2", version: 4), replacing: nil),
          .remove(Array("s2".utf8), replacing: nil),
        ], sync: true)
      try trial.expect(outcomes.count, 6)
      try trial.expect(try trial.load("s1")?.tags, [Array("u".utf8)])
      try trial.expect(try trial.ids(.tag(Array("t".utf8))), [])
      try trial.expect(try trial.load("s2"), nil)
      try trial.expect(try trial.store.apply([], sync: true), [])
    },
    StoreContract("a use moves the end of just the version that was used, and never back") { trial in
      let id = Array("s1".utf8)
      var record = trial.session("s1", version: 5, fields: [("a", [1])], ttl: 100)
      record.version = try trial.save(record)[0]
      let version = record.version
      let later = record.deadline + 50_000_000_000
      try trial.expect(
        try trial.apply(.extend(id, version: version, deadline: later)), .done(version: version))
      record.deadline = later
      try trial.expect(try trial.load("s1"), record)
      let earlier = later - 1_000_000_000
      try trial.expect(
        try trial.apply(.extend(id, version: version, deadline: earlier)), .done(version: version))
      try trial.expect(try trial.load("s1"), record)
      let other = StoreChange.extend(id, version: version + 1, deadline: later + 1_000_000_000)
      try trial.expect(try trial.apply(other), .conflict)
      let unknown = StoreChange.extend(Array("s2".utf8), version: version, deadline: later)
      try trial.expect(try trial.apply(unknown), .conflict)
      try trial.expect(try trial.load("s1"), record)
      try trial.expect(try trial.load("s2"), nil)
    },
    StoreContract("the store knows the latest version it ever had, and keeps its number") { trial in
      let facts = try trial.store.open()
      try trial.expect(facts.id != 0, "a number")
      let versions = try trial.save(trial.session("s1", version: 70), trial.session("s2", version: 60))
      _ = try trial.apply(.remove(Array("s1".utf8), replacing: nil))
      let again = try trial.store.open()
      try trial.expect(again.id, facts.id)
      try trial.expect(again.lastVersion, versions.max() ?? 0)
      try trial.expect(try trial.load("s2")?.version, versions[1])
      try trial.store.check()
    },
  ]
}

import SessionStore

extension StoreContract {
  static let listings = [
    StoreContract("sessions are found by their tags, in pages of any size") { trial in
      let names = (0..<150).map { "s\($0)" }
      try trial.save(
        names.enumerated().map { index, name in
          trial.session(name, version: UInt64(index + 1), tags: index % 3 == 0 ? ["all", "third"] : ["all"])
        })
      let thirds = names.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
      for limit in [1, 7, 150, 1000] {
        try trial.expect(try trial.ids(.tag(Array("all".utf8)), limit: limit), names.sorted())
        try trial.expect(try trial.ids(.tag(Array("third".utf8)), limit: limit), thirds.sorted())
      }
      for unknown in ["", "al", "alll", "none", "ALL"] {
        try trial.expect(try trial.ids(.tag(Array(unknown.utf8))), [])
      }
    },
    StoreContract("a tag is there exactly as long as its session has it") { trial in
      let tag = StoreSelection.tag(Array("t".utf8))
      try trial.save(trial.session("s1", tags: ["t", "u"]), trial.session("s2", tags: ["t"]))
      try trial.save(trial.session("s1", version: 2, tags: ["u"]))
      try trial.expect(try trial.ids(tag), ["s2"])
      try trial.expect(try trial.ids(.tag(Array("u".utf8))), ["s1"])
      try trial.save(trial.session("s1", version: 3, tags: ["u", "t"]))
      try trial.expect(try trial.ids(tag), ["s1", "s2"])
      _ = try trial.apply(.remove(Array("s1".utf8), replacing: nil))
      try trial.expect(try trial.ids(tag), ["s2"])
      try trial.save(.mark("s2", version: 4, at: trial.now(), ttl: 60_000_000_000))
      try trial.expect(try trial.ids(tag), [])
      try trial.save(trial.session("s1", version: 5))
      try trial.expect(try trial.ids(tag), [])
    },
    StoreContract("a page of a tag whose sessions go meanwhile leads on to those that stay") { trial in
      try trial.save((0..<50).map { trial.session("s\($0)", version: UInt64($0 + 1), tags: ["t"]) })
      let tag = StoreSelection.tag(Array("t".utf8))
      var seen: Set<[UInt8]> = []
      var cursor: StoreCursor?
      for _ in 0..<1000 {
        let page = try trial.store.ids(tag, from: cursor, limit: 8)
        seen.formUnion(page.elements)
        _ = try trial.store.apply(page.elements.map { .remove($0, replacing: nil) }, sync: false)
        cursor = page.next
        if cursor == nil { break }
      }
      try trial.expect(seen.count, 50)
      try trial.expect(try trial.ids(tag), [])
    },
    StoreContract("sessions are found by what their ids begin with") { trial in
      let names = [
        "a", "ab", "ab*", "ab?", "abc", "a%", "a_", "b", "A", "ü", "üb", "\u{10FFFF}", "\u{10FFFF}x", "[a]",
        "\\", "a\\b",
        "*", "a b", "ab\"",
      ]
      try trial.save(names.enumerated().map { trial.session($1, version: UInt64($0 + 1)) })
      for prefix in [
        "", "a", "ab", "abc", "abcd", "a%", "a_", "A", "ü", "\u{10FFFF}", "[", "*", "\\", "a\\", "?",
      ] {
        for limit in [1, 3, 1000] {
          try trial.expect(
            try trial.ids(.prefix(Array(prefix.utf8)), limit: limit),
            names.filter { $0.utf8.starts(with: prefix.utf8) }.sorted())
        }
      }
      try trial.expect(try trial.ids(.prefix([0xC3])), ["ü", "üb"])
    },
    StoreContract("listings have sessions only, and neither marks nor aliases") { trial in
      let time = trial.now()
      try trial.save(
        trial.session("s1"), .mark("s2", version: 2, at: time, ttl: 60_000_000_000),
        .mark("s3", of: "s1", version: 3, at: time, ttl: 60_000_000_000))
      try trial.expect(try trial.ids(.prefix([])), ["s1"])
      try trial.expect(Set(try trial.recent().map(\.id)).count, 3)
    },
    StoreContract("all that lives is listed once for the warm start, in pages of any size") { trial in
      var records = (0..<100).map {
        trial.session("s\($0)", version: UInt64($0 + 1), fields: [("n", [UInt8($0)])])
      }
      let versions = try trial.save(records)
      for index in records.indices { records[index].version = versions[index] }
      func sorted(_ records: [StoredRecord]) -> [StoredRecord] { records.sorted { $0.version < $1.version } }
      for limit in [1, 9, 100, 1000] {
        try trial.expect(sorted(try trial.recent(limit: limit)), sorted(records))
      }
    },
    StoreContract("those that were used last come first", .own) { trial in
      let time = trial.now()
      let records = (0..<60).map { index in
        var record = trial.session(
          "s\(index)", version: UInt64(index + 1), ttl: Double(10_000 + index * 7 % 60))
        // Six were used at the same moment each, ten minutes apart; the time to live has nothing to do with it.
        record.deadline = time + record.ttl - Int64(index * 17 % 10) * 600_000_000_000
        return record
      }
      try trial.save(records)
      for limit in [1, 4, 60] {
        let listed = try trial.recent(limit: limit)
        try trial.expect(Set(listed.map(\.id)).count, 60)
        try trial.expect(listed.map(\.lastUse), records.map(\.lastUse).sorted(by: >))
      }
    },
  ]
}

import SessionStore

extension StoreContract {
  static let sizes = [
    StoreContract("ids and tags of the most bytes are told apart by their last") { trial in
      let ids = ["x", "y", "ü"].map { String(repeating: "i", count: 255 - $0.utf8.count) + $0 }
      let tags = ["x", "y"].map { String(repeating: "t", count: 254) + $0 }
      try trial.save(
        trial.session(ids[0], version: 1, tags: tags), trial.session(ids[1], version: 2, tags: [tags[1]]),
        trial.session(ids[2], version: 3))
      for id in ids { try trial.expect(try trial.load(id)?.id, Array(id.utf8)) }
      try trial.expect(try trial.ids(.tag(Array(tags[0].utf8)), limit: 1), [ids[0]])
      try trial.expect(try trial.ids(.tag(Array(tags[1].utf8)), limit: 1), [ids[0], ids[1]].sorted())
      try trial.expect(try trial.ids(.prefix(Array(ids[0].utf8.prefix(254))), limit: 1), [ids[0], ids[1]])
      try trial.expect(try trial.ids(.prefix([]), limit: 1), ids.sorted())
    },
    StoreContract("values of every byte and of 100 kB are kept as they are") { trial in
      let large = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
      let everyByte = [UInt8](0...255)
      var records = [
        trial.session("s1", version: 1, tags: ["t"], fields: [("large", large), ("bytes", everyByte)]),
        trial.session(
          "s2", version: 2, fields: (0..<300).map { ("k\($0)", Array(everyByte.prefix($0 % 256))) }),
        trial.session("s3", version: 3),
      ]
      let versions = try trial.save(records)
      for index in records.indices { records[index].version = versions[index] }
      try trial.expect(try trial.store.records(records.map(\.id)), records)
      records[0].body.removeLast(1)
      records[0].version = try trial.save(records[0])[0]
      try trial.expect(try trial.load("s1"), records[0])
    },
    StoreContract("large records come a few at a time") { trial in
      let value = [UInt8](repeating: 7, count: 3 << 20)
      for number in 1...7 {
        try trial.save(trial.session("s\(number)", version: UInt64(number), fields: [("k", value)]))
      }
      // What is shared may have asked for a few before it knows how large they are.
      func isSmall(_ records: [StoredRecord?]) -> Bool {
        trial.store.isShared
          || records.dropLast().reduce(0) { $0 + ($1?.body.count ?? 0) } < StoreLimits.answerBytes
      }
      var rest = (1...7).map { Array("s\($0)".utf8) }
      for _ in 1...7 where !rest.isEmpty {
        let found = try trial.store.load(rest).map(\.record)
        let isPart = !found.isEmpty && found.count <= rest.count
        try trial.expect(isPart && isSmall(found), "a part that is small")
        try trial.expect(found.map { $0?.id }, rest.prefix(found.count).map(\.self))
        rest.removeFirst(found.count)
      }
      try trial.expect(rest, [])
      let all = try trial.all { cursor throws(StoreError) in
        let page = try trial.store.recent(from: cursor, limit: 1000)
        guard isSmall(page.elements) else { throw StoreError.unfit("a page is too large") }
        return page
      }
      try trial.expect(Set(all.map(\.id)).count, 7)
    },
    StoreContract("64 tags on a session, and a session without a body") { trial in
      let tags = (0..<64).map { "tag\($0)" }
      try trial.save(trial.session("s1", version: 1, tags: tags))
      let loaded = try trial.load("s1")
      try trial.expect(loaded?.tags, tags.map { Array($0.utf8) })
      for tag in tags { try trial.expect(try trial.ids(.tag(Array(tag.utf8))), ["s1"]) }
      try trial.save(trial.session("s1", version: 2))
      try trial.expect(try trial.load("s1")?.body, [])
      for tag in tags { try trial.expect(try trial.ids(.tag(Array(tag.utf8))), []) }
    },
    StoreContract("10,000 changes are made at once") { trial in
      let records = (0..<10_000).map {
        trial.session("s\($0)", version: UInt64($0 + 1), tags: ["t\($0 % 10)"])
      }
      let versions = try trial.save(records)
      try trial.expect(Set(versions).count, 10_000)
      try trial.expect(try trial.ids(.prefix([]), limit: 1000).count, 10_000)
      try trial.expect(try trial.ids(.tag(Array("t3".utf8)), limit: 300).count, 1000)
      try trial.expect(try trial.store.records(records.map(\.id)).compactMap(\.self).map(\.version), versions)
      try trial.expect(
        try trial.store.apply(records.map { .remove($0.id, replacing: nil) }, sync: true),
        Array(repeating: .done(version: 0), count: 10_000))
      try trial.expect(try trial.ids(.prefix([])), [])
    },
  ]
}

import Glibc
import SessionStore
import StoreSupport
import SystemCalls
import TestSupport
import Testing

struct SQLiteDamageTests {
  static func records(at time: Int64) -> [StoredRecord] {
    (0..<120).map { index in
      Records.session(
        "session-\(index)", version: UInt64(index + 1), at: time - Int64(index) * 1_000_000_000,
        tags: ["t\(index % 5)", "all"], bytes: index % 10 == 0 ? 9000 : 40 + index)
    }
  }

  /// Asks for everything and looks at each answer. After an error it opens anew, as a daemon does.
  func expectTruth(of directory: DatabaseDirectory, _ records: [StoredRecord], _ place: Comment)
    throws
  {
    let truth = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })
    let store = directory.store()
    defer { store.close() }
    func attempt(_ body: () throws -> Void) throws {
      var last: StoreError?
      for _ in 0..<4 {
        do {
          return try body()
        } catch let error as StoreError {
          last = error
          // Nothing that comes later would be answered if the store were unfit.
          #expect(reason(error).isPassing, place)
          do { _ = try store.open() } catch {
            #expect(reason(error).isPassing, place)
          }
        }
      }
      Issue.record("it does not come back: \(String(describing: last)), \(place)")
    }
    try attempt { _ = try store.open() }
    try attempt {
      for (record, found) in zip(records, try store.records(records.map(\.id))) where found != nil {
        #expect(found == record, place)
      }
    }
    try attempt {
      for record in try store.recent(from: nil, limit: 1000).elements {
        #expect(record == truth[record.id], place)
      }
    }
    try attempt {
      for selection in [StoreSelection.prefix([]), .tag(Array("t3".utf8)), .tag(Array("all".utf8))] {
        for id in try store.ids(selection, from: nil, limit: 1000).elements {
          #expect(truth[id] != nil, place)
        }
      }
    }
    try attempt { _ = try store.apply(Records.saves(records), sync: false) }
    try attempt {
      let loaded = try store.records(records.map(\.id))
      #expect(loaded == records, place)
    }
  }

  /// What says in the file's head which program made it, and of which version it is: a file of another one is no damaged
  /// one of ours, and is left as it is.
  static let marks = [60..<64, 68..<72]

  private func damaged(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = damagedAnywhere(original, &random)
    for mark in Self.marks where mark.upperBound <= bytes.count {
      bytes.replaceSubrange(mark, with: original[mark])
    }
    return bytes
  }

  private func damagedAnywhere(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    guard !bytes.isEmpty else { return bytes }
    switch random.pick(8) {
    case 0: bytes.removeLast(random.pick(bytes.count))
    case 1:
      let start = random.pick(bytes.count) / 512 * 512
      for offset in start..<min(start + 512, bytes.count) { bytes[offset] = UInt8(random.pick(256)) }
    case 2:
      let start = random.pick(bytes.count) / 4096 * 4096
      for offset in start..<min(start + 4096, bytes.count) { bytes[offset] = 0 }
    default:
      // In a page's head and in the file's there is more to be damaged.
      let place = random.pick(bytes.count)
      let offset = random.pick(3) == 0 ? min(place / 4096 * 4096 + random.pick(100), bytes.count - 1) : place
      bytes[offset] ^= UInt8(1 << random.pick(8))
    }
    return bytes
  }

  @Test(
    "a file damaged anywhere answers with the truth, with nothing, or with an error",
    arguments: [true, false])
  func anywhere(isClosed: Bool) throws {
    try DatabaseDirectory.with { directory in
      let records = Self.records(at: directory.time.now)
      let store = directory.store()
      _ = try store.open()
      defer { store.close() }
      // Half of it in the file, and half of it in the log.
      _ = try store.apply(Records.saves(Array(records[..<60])), sync: false)
      store.close()
      let again = directory.store()
      _ = try again.open()
      _ = try again.apply(Records.saves(Array(records[60...])), sync: false)
      if isClosed { again.close() }
      defer { if !isClosed { again.close() } }
      let file = try directory.bytes("sessions.db")
      let lock = try directory.bytes("sessions.db-lock")
      #expect(!lock.isEmpty)
      let log = isClosed ? [] : try directory.bytes("sessions.db-wal")
      for seed in 0..<150 as Range<UInt64> {
        var random = SplitMix64(seed: seed)
        try DatabaseDirectory.with { place in
          let inLog = !isClosed && random.pick(2) == 0
          try place.write(inLog ? file : damaged(file, &random), to: "sessions.db")
          if !isClosed { try place.write(inLog ? damaged(log, &random) : log, to: "sessions.db-wal") }
          // There was a database of ours here.
          try place.write(lock, to: "sessions.db-lock")
          var place = place
          place.time = directory.time
          try expectTruth(of: place, records, "seed \(seed), closed: \(isClosed)")
        }
      }
    }
  }

  @Test(
    "a damaged file is set aside with its log, and said so", arguments: ["garbage", "page", "head", "format"])
  func setAside(damage: String) throws {
    try DatabaseDirectory.with { directory in
      let record = Records.session("s", version: 5, at: directory.time.now)
      let id = try directory.withStore { store in
        _ = try store.apply(Records.saves([record]), sync: true)
        return try store.open().id
      }
      switch damage {
      case "head": try RawDatabase(directory.database).execute("UPDATE head SET last_version = 4")
      case "page":
        // The index of the ids, while the file was not closed.
        let raw = try RawDatabase(directory.database)
        try raw.execute("PRAGMA writable_schema = ON")
        try raw.execute("DELETE FROM sqlite_schema WHERE name = 'tag'")
      case "format":
        // What SQLite would only read, being of a format to come.
        var bytes = try directory.bytes("sessions.db")
        bytes[18] ^= 1
        try directory.write(bytes, to: "sessions.db")
      default:
        try directory.write(
          (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 + $0 / 256) }, to: "sessions.db")
      }
      let bytes = try directory.bytes("sessions.db")
      let aside = "sessions.db.damaged-\(directory.time.now / 1_000_000_000)"
      let store = directory.store()
      defer { store.close() }
      let facts = try store.open()
      #expect(facts.id != id)
      #expect(facts.lastVersion == 0)
      #expect(facts.remark?.contains(aside) == true)
      #expect(try store.records([record.id]) == [nil])
      #expect(try directory.bytes(aside) == bytes)
      #expect(directory.mode(aside) == "600")
      #expect(try store.open().remark == nil)
      _ = try store.apply(Records.saves([record]), sync: true)
      #expect(try store.records([record.id]) == [record])
    }
  }

  @Test(
    "one that lost its end and all beside it is known by its head, and set aside", arguments: [1, 4096, 9000])
  func cutShort(bytesLost: Int) throws {
    try DatabaseDirectory.with { directory in
      let id = try directory.withStore { try $0.open().id }
      #expect(unlink(directory.database + "-lock") == 0)
      let bytes = Array(try directory.bytes("sessions.db").dropLast(bytesLost))
      try directory.write(bytes, to: "sessions.db")
      let facts = try directory.withStore { try $0.open().id }
      #expect(facts != id)
      let aside = "sessions.db.damaged-\(directory.time.now / 1_000_000_000)"
      #expect(try directory.bytes(aside) == bytes)
    }
  }

  @Test("one of a later version that lost its end is refused, and stays as it is")
  func cutShortAndNewer() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { _ in }
      try RawDatabase(directory.database).execute("PRAGMA user_version = 2")
      #expect(unlink(directory.database + "-lock") == 0)
      let bytes = Array(try directory.bytes("sessions.db").dropLast(4096))
      try directory.write(bytes, to: "sessions.db")
      let store = directory.store()
      let error = #expect(throws: StoreError.self) { try store.open() }
      #expect(!reason(error).isPassing)
      store.close()
      #expect(try directory.bytes("sessions.db") == bytes)
    }
  }

  @Test("a use of a row that can't be read is not noted and said so; saved whole it can be read again")
  func useOfDamagedRow() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let records = (1...3).map {
          Records.session("s\($0)", version: UInt64($0), at: directory.time.now, tags: ["t"])
        }
        _ = try store.apply(Records.saves(records), sync: false)
        let raw = try RawDatabase(directory.database)
        try raw.execute("UPDATE session SET fields = zeroblob(3) WHERE id = CAST('s1' AS BLOB)")
        try raw.execute("UPDATE session SET version = 9 WHERE id = CAST('s2' AS BLOB)")
        let later = records[0].deadline + 1_000_000_000
        let uses = records.map { StoreChange.extend($0.id, version: $0.version, deadline: later) }
        #expect(try store.apply(uses, sync: false) == [.damaged, .damaged, .done(version: 3)])
        #expect(try store.load([records[0].id, records[1].id]) == [.damaged, .damaged])
        var mended = records
        for index in mended.indices { mended[index].deadline = later }
        _ = try store.apply(Records.saves(Array(mended[..<2])), sync: false)
        #expect(try store.records(records.map(\.id)) == mended)
        let outcomes = try store.apply(uses, sync: false)
        #expect(outcomes == [.done(version: 1), .done(version: 2), .done(version: 3)])
      }
    }
  }

  @Test("a row that was changed behind its back is no record any more, and counted, until it is saved anew")
  func damagedRow() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let records = (1...6).map {
          Records.session("s\($0)", version: UInt64($0), at: directory.time.now, tags: ["t"])
        }
        _ = try store.apply(Records.saves(records), sync: false)
        let raw = try RawDatabase(directory.database)
        try raw.execute("UPDATE session SET deadline = deadline + 1 WHERE id = CAST('s1' AS BLOB)")
        try raw.execute("UPDATE session SET fields = zeroblob(3) WHERE id = CAST('s2' AS BLOB)")
        try raw.execute("UPDATE session SET tags = x'0175' WHERE id = CAST('s3' AS BLOB)")
        try raw.execute("UPDATE session SET version = -1 WHERE id = CAST('s4' AS BLOB)")
        for _ in 0..<2 {
          let findings = try store.load(records.map(\.id))
          #expect(findings[..<4] == [.damaged, .damaged, .damaged, .damaged])
          #expect(findings[4...] == [.record(records[4]), .record(records[5])])
          #expect(store.statistics.damaged == 4)
        }
        let good = [Array("s5".utf8), Array("s6".utf8)]
        #expect(try store.recent(from: nil, limit: 1).elements.count == 1)
        #expect(try Set(store.recent(from: nil, limit: 9).elements.map(\.id)) == Set(good))
        #expect(try store.ids(.tag(Array("t".utf8)), from: nil, limit: 9).elements == good)
        #expect(try store.ids(.prefix([]), from: nil, limit: 9).elements == good)
        #expect(store.statistics.damaged == 4)
        _ = try store.apply([.remove(records[1].id, replacing: nil)], sync: false)
        #expect(try store.load([records[1].id]) == [.nothing])
        _ = try store.apply(Records.saves(records), sync: false)
        #expect(try store.records(records.map(\.id)) == records)
        let tagged = try store.ids(.tag(Array("t".utf8)), from: nil, limit: 9).elements
        #expect(Set(tagged) == Set(records.map(\.id)))
        try raw.execute("UPDATE session SET created = 5 WHERE id = CAST('s3' AS BLOB)")
        directory.time.advance(seconds: 7200)
        #expect(try store.deleteExpired(endedFor: 0, limit: 100) == 6)
        #expect(try store.load([records[2].id]) == [.nothing])
      }
    }
  }
}

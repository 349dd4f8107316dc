import SessionStore
import StoreSupport
import Testing

extension SQLiteDamageTests {
  @Test("one of another program or version is refused, and stays as it is", arguments: marks.joined())
  func foreign(place: Int) throws {
    try DatabaseDirectory.with { directory in
      _ = try directory.withStore { try $0.open().id }
      var bytes = try directory.bytes("sessions.db")
      bytes[place] ^= 1
      try directory.write(bytes, to: "sessions.db")
      let store = directory.store()
      defer { store.close() }
      for _ in 0..<3 { #expect(throws: StoreError.self) { try store.open() } }
      #expect(try directory.bytes("sessions.db") == bytes)
    }
  }

  @Test("so does one whose head has any one bit wrong", arguments: [true, false])
  func head(isClosed: Bool) throws {
    try DatabaseDirectory.with { directory in
      let records = Self.records(at: directory.time.now)
      let store = directory.store()
      _ = try store.open()
      _ = try store.apply(Records.saves(records), sync: false)
      if isClosed { store.close() }
      defer { if !isClosed { store.close() } }
      let file = try directory.bytes("sessions.db")
      let log = isClosed ? nil : try directory.bytes("sessions.db-wal")
      let lock = try directory.bytes("sessions.db-lock")
      for bit in 0..<112 * 8 where !Self.marks.contains(where: { $0.contains(bit / 8) }) {
        var bytes = file
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try DatabaseDirectory.with { place in
          try place.write(bytes, to: "sessions.db")
          if let log { try place.write(log, to: "sessions.db-wal") }
          try place.write(lock, to: "sessions.db-lock")
          var place = place
          place.time = directory.time
          try expectTruth(of: place, records, "byte \(bit / 8), bit \(bit % 8), closed: \(isClosed)")
        }
      }
    }
  }
}

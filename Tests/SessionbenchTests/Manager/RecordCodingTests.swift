import TestSupport
import Testing

@testable import sessionbench

@Suite("The baseline's record") struct RecordCodingTests {
  @Test("comes out of the coder as it went in") func roundTrip() throws {
    let coding = RecordCoding()
    for seed in 1...200 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      let record = Self.record(&random)
      let again = try coding.withEncoded(record) { try coding.decode($0) }
      #expect(again == record, "seed \(seed)")
    }
  }

  @Test("comes out of the database as it went in, and only with its transaction") func table() throws {
    let place = try DatabasePlace()
    let coding = RecordCoding()
    var records: [String: SessionRecord] = [:]
    var random = SplitMix64(seed: 7)
    do {
      let table = try RecordTable(place.path)
      for _ in 0..<200 {
        let id = SessionShape.id(random.pick(40))
        let record = Self.record(&random)
        let fails = random.pick(4) == 0
        do {
          try table.transaction {
            try coding.withEncoded(record) { try table.save(id, $0) }
            if fails { throw BenchmarkFailure("planned") }
          }
          records[id] = record
        } catch let failure as BenchmarkFailure {
          #expect(fails && failure.description == "planned")
        }
      }
    }
    // Another connection, so that it is the file that is read.
    let table = try RecordTable(place.path)
    for number in 0..<40 {
      let id = SessionShape.id(number)
      #expect(try table.load(id, coding.decode) == records[id])
    }
  }

  @Test("is refused if it is no record") func damaged() throws {
    let coding = RecordCoding()
    for text in ["", "{", "{}", "[]", "\"a\""] {
      #expect(throws: (any Error).self) {
        try Array(text.utf8).withUnsafeBytes { try coding.decode($0) }
      }
    }
  }

  private static func record(_ random: inout SplitMix64) -> SessionRecord {
    SessionRecord(
      user: text(&random), theme: text(&random), visits: Int(truncatingIfNeeded: random.next()),
      profile: text(&random), created: Int(truncatingIfNeeded: random.next()),
      used: Int(truncatingIfNeeded: random.next()), idle: Int(truncatingIfNeeded: random.next()))
  }

  private static func text(_ random: inout SplitMix64) -> String {
    let letters: [Character] = ["a", "\"", "\\", "/", "\n", "\u{0}", "ä", "€", "🧺", " ", "}"]
    return String((0..<random.pick(30)).map { _ in letters[random.pick(letters.count)] })
  }
}

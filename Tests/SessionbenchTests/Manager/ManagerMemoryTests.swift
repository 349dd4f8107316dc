import Testing

@testable import sessionbench

@Suite("Memory of the original's test") struct ManagerMemoryTests {
  private static func sample(_ sessions: Int, _ bytes: Int, resident: Int) -> MemorySample {
    MemorySample(sessions: sessions, used: bytes, reserved: bytes, resident: resident, shared: bytes)
  }

  @Test("sessions have the size that was asked for", arguments: [SizedSession.bytesLeast, 500, 1000, 1024])
  func size(bytes: Int) throws {
    for number in [0, 1, 9999] {
      let session = SizedSession(number, bytes: bytes)
      let sum = session.fields.reduce(session.id.utf8.count) { $0 + $1.key.utf8.count + $1.json.utf8.count }
      #expect(sum == bytes)
      let line = String(decoding: try session.creation(idle: .seconds(5)), as: UTF8.self)
      #expect(line.hasPrefix("MSET \(session.id) TTL 5 {\"user\":") && line.hasSuffix("}\n"))
    }
  }

  @Test("a table says what grew, whether that is too much, and whether it is back") func table() {
    let before = Self.sample(0, 1_000_000, resident: 8_000_000)
    let with = Self.sample(10_000, 12_900_000, resident: 20_500_000)
    let after = Self.sample(0, 1_100_000, resident: 10_000_000)
    let lines = MemoryTable(before: before, with: with, after: after, growthMost: 12_000_000).lines
    func words(_ line: Int) -> [Substring] { lines[line].split(separator: " ") }
    #expect(words(2).prefix(3) == ["with", "10000", "sessions"])
    #expect(words(4) == ["growth,", "MB", "11.90", "11.90", "11.90", "12.50"])
    #expect(words(5) == ["at", "most", "12.0", "MB", "met", "met", "met", "short"])
    #expect(words(6).suffix(4) == ["1190", "1190", "1190", "1250"])
    #expect(words(7).suffix(4) == ["99.2", "99.2", "99.2", "84.0"])
    #expect(words(8).suffix(4) == ["met", "met", "met", "-"])
    #expect(Set(lines.map(\.count)).count == 1)
  }

  @Test("is given back when what the sessions took is back, whatever else the daemon keeps")
  func givenBack() {
    let before = Self.sample(0, 1000, resident: 1000)
    let with = Self.sample(10, 11_000, resident: 21_000)
    #expect(MemoryTable.isGivenBack(before, with, Self.sample(0, 2000, resident: 21_000)))
    #expect(!MemoryTable.isGivenBack(before, with, Self.sample(0, 2001, resident: 1000)))
    // What has not grown need not be given back.
    #expect(MemoryTable.isGivenBack(before, before, before))
  }
}

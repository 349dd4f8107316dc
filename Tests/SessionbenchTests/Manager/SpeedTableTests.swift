import Testing

@testable import sessionbench

@Suite("The original's table") struct SpeedTableTests {
  private static func results() -> SpeedResults {
    var results = SpeedResults()
    for (baseline, mapping) in [(40_000.0, 200.0), (60_000, 200), (50_000, 5000)] {
      results.note(.cachedRead, .simpleMutex, nanoseconds: baseline)
      results.note(.cachedRead, .mapping, nanoseconds: mapping)
      results.note(.cachedRead, .socket, nanoseconds: 60_000)
    }
    return results
  }

  @Test("factors are those of the rounds, and not of the medians") func factors() throws {
    let factor = try #require(Self.results().factor(.cachedRead, .mapping))
    #expect(factor.median == 200 && factor.lowest == 10 && factor.highest == 300)
    #expect(Self.results().factor(.cachedRead, .simpleMutex) == nil)
    #expect(Self.results().factor(.cachedRead, .local) == nil)
    #expect(Self.results().factor(.write, .mapping) == nil)
  }

  @Test("has a row for each of the original's, and says what is met and what is short") func summary() {
    let lines = SpeedTable(results: Self.results()).lines
    #expect(lines[0].hasSuffix("expected"))
    #expect(
      lines[1].split(separator: " ") == [
        "cached", "read", "50000", "200", "200x", "met", "60000", "0.83x", "short", "-", "20.0x",
      ])
    for (row, line) in zip(SpeedRow.allCases, lines.dropFirst()) { #expect(line.hasPrefix(row.rawValue)) }
    #expect(lines[SpeedRow.allCases.count + 1] == "")
    // What was not measured has no spread.
    #expect(lines.count == SpeedRow.allCases.count + 1 + 1 + 1 + 3)
  }

  @Test("columns stand under each other") func columns() {
    let lines = SpeedTable(results: Self.results()).lines
    let summary = lines.prefix(SpeedRow.allCases.count + 1)
    #expect(Set(summary.map(\.count)).count == 1)
    #expect(lines.allSatisfy { $0.count <= 140 })
  }
}

import Testing

@testable import sessionbench

@Suite("Texts and numbers of tables")
struct ColumnTextTests {
  @Test("a spread is the middle and both ends") func spread() {
    #expect(RoundSpread([]) == nil)
    #expect(RoundSpread([3]).map { [$0.median, $0.lowest, $0.highest] } == [3, 3, 3])
    #expect(RoundSpread([5, 1, 2, 4]).map { [$0.median, $0.lowest, $0.highest] } == [3, 1, 5])
  }

  @Test("numbers have the decimals that say something") func numbers() {
    #expect(ColumnText.decimals(1.005, 0) == "1")
    #expect(ColumnText.decimals(0.996, 2) == "1.00")
    #expect(ColumnText.decimals(12.04, 1) == "12.0")
    #expect(ColumnText.decimals(-1.26, 1) == "-1.3")
    #expect(ColumnText.decimals(-0.01, 1) == "0.0")
    #expect([0.834, 12.34, 123.4, 41_234].map(ColumnText.number) == ["0.83", "12.3", "123", "41234"])
  }

  @Test("the thousands of numbers are grouped") func grouping() {
    #expect(ColumnText.grouped(0) == "0")
    #expect(ColumnText.grouped(999) == "999")
    #expect(ColumnText.grouped(1_000) == "1,000")
    #expect(ColumnText.grouped(-1_234_567.891, 2) == "-1,234,567.89")
    #expect(ColumnText.grouped(999.96, 1) == "1,000.0")
    #expect(ColumnText.grouped(-0.001, 1) == "0.0")
  }

  @Test("what is shorter than its column is filled up, what is longer is kept") func width() {
    #expect(ColumnText.left("ab", 4) + "|" + ColumnText.right("ab", 4) == "ab  |  ab")
    #expect(ColumnText.left("abc", 2) == "abc")
    #expect(ColumnText.row("a", 3, ["1", "22"], 3) == "a    1 22")
  }
}

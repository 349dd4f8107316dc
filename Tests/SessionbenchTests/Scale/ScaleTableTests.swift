import Testing

@testable import sessionbench

@Suite("The table of the scale")
struct ScaleTableTests {
  private func table(_ lines: [String]) throws -> ScaleTable {
    var table = ScaleTable()
    for line in lines { try table.take(line) }
    return table
  }

  @Test("has the medians in the order of the numbers of sessions, whatever the order they came in")
  func medians() throws {
    let table = try table([
      "10000 read 120", "1000 read 99.96", "1000 set 7.25", "1000 read 30", "1000 read 250",
      "10000 bytes 208.04",
      "1000000 adoption 470.5", "1000000 adoption 479",
    ])
    #expect(table.sessions == [1_000, 10_000, 1_000_000])
    #expect(table.spread(1_000, .read)?.median == 99.96)
    #expect(table.spread(1_000_000, .adoption)?.median == 474.75)
    #expect(table.spread(1_000, .warm) == nil)
    let words = table.medians.map { $0.split(separator: " ").map(String.init) }
    #expect(words.count == 4)
    #expect(words[1] == ["1,000", "100.0", "7.3", "–", "–", "–", "–"])
    #expect(words[2] == ["10,000", "120.0", "–", "208.0", "–", "–", "–"])
    #expect(words[3] == ["1,000,000", "–", "–", "–", "–", "475", "–"])
  }

  @Test("has lines of one width")
  func widths() throws {
    let table = try table(["1000 read 1", "5000000 warm 123456", "5000000 reclaim 1234"])
    #expect(Set((table.medians + table.ranges).map(\.count)).count == 1)
  }

  @Test("tells the least and the greatest")
  func ranges() throws {
    let table = try table(["1000 set 8", "1000 set 6.5", "1000 set 12.5", "1000 reclaim 1500"])
    let words = table.ranges[1].split(separator: " ").map(String.init)
    #expect(words == ["1,000", "–", "6.5–12.5", "–", "1,500–1,500", "–", "–"])
  }

  @Test("has as many fields in each line for programs, empty where nothing was measured")
  func tabs() throws {
    let lines = try table(["1000 read 100", "5000000 reclaim 1234.4"]).tabSeparated
    #expect(
      lines == [
        "# sessions\tread_ns\tset_us\tbytes\treclaim_ns\tadoption_ms\twarm_start_ms",
        "1000\t100.0\t\t\t\t\t",
        "5000000\t\t\t\t1234\t\t",
      ])
  }

  @Test(
    "takes nothing but a number of sessions, a column and a value",
    arguments: [
      "", "1000", "1000 read", "1000 read x", "1000 read 1 2", "x read 1", "0 read 1", "-5 read 1",
      "1000 speed 1",
      "1000 read nan", "1000 read inf", "1000 read 1e300", "1000.5 read 1",
    ])
  func refusals(line: String) {
    #expect(throws: BenchmarkFailure.self) { try table([line]) }
  }
}

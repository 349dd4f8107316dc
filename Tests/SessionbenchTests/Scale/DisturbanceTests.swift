import Testing

@testable import sessionbench

@Suite("What is measured while sessions expire")
struct DisturbanceTests {
  /// Nanoseconds, each so many times.
  private func latencies(_ times: (nanoseconds: Int64, count: Int)...) -> Latencies {
    var latencies = Latencies()
    for (nanoseconds, count) in times {
      for _ in 0..<count { latencies.record(nanoseconds) }
    }
    return latencies
  }

  @Test("is what all but one in a thousand took at most, and how many times the quiet value that is")
  func quantile() throws {
    // Of ten thousand the eleventh from above counts, the tenth does not. All are numbers that a histogram tells exactly.
    let steady = latencies((1_000, 9_990), (2_000, 10))
    let disturbed = latencies((1_000, 9_989), (2_000, 11))
    #expect(try Disturbance(quiet: disturbed, busy: steady).ratio == 0.5)
    #expect(try Disturbance(quiet: steady, busy: disturbed).columns == ["1.0", "2.0", "2.000"])
    #expect(try Disturbance(quiet: disturbed, busy: disturbed).ratio == 1)
  }

  @Test("can't be told without a request")
  func nothing() {
    #expect(throws: BenchmarkFailure.self) { try Disturbance(quiet: Latencies(), busy: latencies((1, 1))) }
    #expect(throws: BenchmarkFailure.self) { try Disturbance(quiet: latencies((1, 1)), busy: Latencies()) }
  }

  @Test("counts a standstill for each request that would have come meanwhile, GET and SET in turns")
  func standstill() {
    var paced = PacedLatencies(intervalNanoseconds: 100)
    paced.take(20)
    paced.take(30)
    paced.take(100)
    #expect(paced.gets == latencies((20, 1), (100, 1)))
    #expect(paced.sets == latencies((30, 1)))
    #expect(!paced.isGetNext)
    // It hangs at a SET: behind it GET and SET by turns would have waited.
    paced.take(350)
    #expect(paced.gets == latencies((20, 1), (100, 1), (250, 1), (50, 1)))
    #expect(paced.sets == latencies((30, 1), (350, 1), (150, 1)))
    #expect(paced.requests == 4)
    #expect(paced.isGetNext)
  }

  @Test("takes as many more requests into account as fit the time of a late one")
  func count() {
    for late in stride(from: Int64(1), through: 2_000, by: 37) {
      var paced = PacedLatencies(intervalNanoseconds: 100)
      paced.take(late)
      #expect(paced.gets.count + paced.sets.count == Int((late + 99) / 100))
      // The one that was late was a GET.
      #expect(paced.gets.most == Int(late))
      #expect(paced.sets.most < Int(late))
    }
  }
}

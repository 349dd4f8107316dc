import TestSupport
import Testing

@testable import sessionbench

@Suite("Requests at a fixed rate")
struct OpenScheduleTests {
  /// A server that serves one request after the other, and stands still now and then.
  private struct Times {
    let services: [Int64]

    init(_ random: inout SplitMix64, _ count: Int) {
      services = (0..<count).map { _ in
        random.pick(50) == 0 ? Int64(random.pick(50_000_000)) : Int64(1 + random.pick(200_000))
      }
    }

    /// What the definition says: a request begins at its moment, or when the one before it is done, and its latency
    /// counts from its moment.
    func latencies(_ moment: (Int) -> Int64) -> [Int64] {
      var free = Int64.min
      return services.enumerated().map { number, service in
        free = max(free, moment(number)) + service
        return free - moment(number)
      }
    }
  }

  @Test("counts each latency from the request's own moment, however late it was sent, and leaves none out")
  func latencies() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<100 {
      let start = Int64(random.pick(1_000_000_000))
      let rate = 1 + random.pick(100_000)
      let schedule = OpenSchedule(
        start: start, rate: rate, nanoseconds: Int64(1 + random.pick(300)) * 1_000_000_000 / Int64(rate))
      let times = Times(&random, schedule.count)
      var pacing = Pacing.open(schedule)
      // A client with one connection, which sends when the reply before has come and the next request is due.
      var now = start
      var measured: [Int64] = []
      while let next = pacing.next {
        // Looking too early takes nothing.
        #expect(pacing.take(at: next - 1) == nil)
        now = max(now, next)
        guard let moment = pacing.take(at: now) else {
          Issue.record("the request is due and was not to be had")
          return
        }
        now += times.services[measured.count]
        measured.append(now - moment)
      }
      let moments = (0..<schedule.count).map { start + Int64($0) * 1_000_000_000 / Int64(rate) }
      #expect(measured == times.latencies { moments[$0] })
    }
  }

  @Test("has as many requests as the rate and the time say, all of them within it, evenly and in order")
  func moments() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<200 {
      let rate = 1 + random.pick(1_000_000)
      let nanoseconds = Int64(random.pick(2_000_000_000))
      let schedule = OpenSchedule(start: 7, rate: rate, nanoseconds: nanoseconds)
      #expect(schedule.count == Int(nanoseconds) * rate / 1_000_000_000)
      guard schedule.count > 1 else { continue }
      #expect(schedule.moment(0) == 7)
      #expect(schedule.moment(schedule.count - 1) < 7 + nanoseconds)
      let number = 1 + random.pick(schedule.count - 1)
      let gap = schedule.moment(number) - schedule.moment(number - 1)
      #expect(abs(gap - 1_000_000_000 / Int64(rate)) <= 1)
    }
  }

  @Test("is shared by several threads without one request more or less")
  func parts() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<100 {
      let rate = 1 + random.pick(10_000)
      let nanoseconds = Int64(random.pick(100_000_000))
      let parts = 1 + random.pick(5)
      let whole = OpenSchedule(start: 0, rate: rate, nanoseconds: nanoseconds)
      let shares = (0..<parts).map {
        OpenSchedule(start: 0, rate: rate, nanoseconds: nanoseconds, part: $0, of: parts)
      }
      let together = shares.flatMap { share in (0..<share.count).map(share.moment) }
      #expect(together.sorted() == (0..<whole.count).map(whole.moment))
    }
  }

  @Test("of a closed loop there is always one until the end, and it counts from now")
  func closed() {
    var pacing = Pacing.closed(end: 100)
    #expect(pacing.take(at: 10) == 10)
    #expect(pacing.take(at: 99) == 99)
    #expect(pacing.take(at: 100) == nil)
    #expect(pacing.next == nil)
  }
}

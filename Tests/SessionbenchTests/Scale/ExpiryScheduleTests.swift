import Testing

@testable import sessionbench

@Suite("Deadlines that lie together")
struct ExpiryScheduleTests {
  @Test(
    "are spread evenly, none before the start and none after the end",
    arguments: [1, 2, 999, 1_000_000], [0, 1, 250_000_000, 1_000_000_000] as [Int64])
  func spread(sessions: Int, spread: Int64) {
    let schedule = ExpirySchedule(sessions: sessions, start: 77_000_000_000, spread: spread)
    var last = schedule.start
    for place in stride(from: 0, to: sessions, by: max(1, sessions / 1000)) {
      let deadline = schedule.deadline(of: place)
      #expect(deadline >= last && deadline <= schedule.end)
      let even = Double(schedule.start) + Double(spread) * Double(place) / Double(sessions)
      #expect((Double(deadline) - even).magnitude <= 1)
      last = deadline
    }
    #expect(schedule.deadline(of: 0) == schedule.start)
  }

  @Test("can be told as long as a millisecond is left")
  func timeLeft() {
    let schedule = ExpirySchedule(sessions: 10, start: 5_000_000_000, spread: 1_000_000_000)
    #expect(schedule.timeLeft(of: 0, at: 3_000_000_000) == .seconds(2))
    #expect(schedule.timeLeft(of: 5, at: 3_000_000_000) == .milliseconds(2500))
    #expect(schedule.timeLeft(of: 0, at: 4_999_000_000) == .milliseconds(1))
    #expect(schedule.timeLeft(of: 0, at: 4_999_000_001) == nil)
    #expect(schedule.timeLeft(of: 0, at: 9_000_000_000) == nil)
  }

  @Test("come after twice the time that a sample of them says all will take")
  func lead() {
    #expect(ExpirySchedule.lead(sessions: 1_000, sample: 1_000, sampleNanoseconds: 7) == 14)
    #expect(
      ExpirySchedule.lead(sessions: 5_000_000, sample: 312_500, sampleNanoseconds: 1_000_000_000)
        == 32_000_000_000)
  }
}

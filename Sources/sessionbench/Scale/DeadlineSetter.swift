import SystemCalls

/// Gives many sessions deadlines that lie together.
struct DeadlineSetter {
  /// As many sessions are given a deadline first that does no harm, to learn the machine's pace.
  private static let sampleParts = 16
  private static let sampleLeast = 1000
  /// What else may be slow.
  private static let slackNanoseconds: Int64 = 1_000_000_000

  let socket: String
  /// Of the sessions.
  let numbers: Range<Int>
  let spreadNanoseconds: Int64
  /// For how long before the first deadline nothing else may be going on.
  let quietNanoseconds: Int64

  /// - Throws: `BenchmarkFailure` if the first deadline, or the quiet before it, comes before all have theirs.
  func run() throws -> ExpirySchedule {
    var stream = try RequestStream(socket)
    let pace = try sample(&stream)
    let lead =
      ExpirySchedule.lead(sessions: numbers.count, sample: pace.sessions, sampleNanoseconds: pace.nanoseconds)
      + Self.slackNanoseconds + quietNanoseconds
    let schedule = ExpirySchedule(
      sessions: numbers.count, start: BootClock.system.now() + lead, spread: spreadNanoseconds)
    for number in numbers {
      let place = number - numbers.lowerBound
      let now = BootClock.system.now()
      guard let left = schedule.timeLeft(of: place, at: now) else { throw Self.tooSlow }
      try stream.add(ScaleSession.expiry(SessionShape.id(number), in: left))
    }
    try stream.finish()
    guard BootClock.system.now() + quietNanoseconds <= schedule.start else { throw Self.tooSlow }
    return schedule
  }

  private static let tooSlow = BenchmarkFailure(
    "the first sessions end before the last ones have their deadline: the machine has become slower meanwhile"
  )

  /// How long some of them take.
  private func sample(_ stream: inout RequestStream) throws -> (sessions: Int, nanoseconds: Int64) {
    let sessions = min(numbers.count, max(Self.sampleLeast, numbers.count / Self.sampleParts))
    let start = BootClock.system.now()
    for number in numbers.prefix(sessions) {
      try stream.add(ScaleSession.expiry(SessionShape.id(number), in: ScaleSession.timeToLive))
    }
    try stream.finish()
    return (sessions, BootClock.system.now() - start)
  }
}

/// Requests at a fixed rate, whatever becomes of them. Pure.
///
/// A client that waits for a slow reply sends nothing meanwhile, and so does not see what others would have: the
/// coordinated omission. Here each request has its moment, and its latency counts from then, also if it could be sent
/// only later; and none is left out.
struct OpenSchedule: Sendable {
  private let start: Int64
  private let rate: Int
  /// How many requests there are in all.
  let count: Int
  private let first: Int
  private let stride: Int
  private(set) var taken = 0

  /// - Parameters:
  ///   - start: the moment of the first request, nanoseconds of any clock.
  ///   - rate: requests a second, at least one.
  ///   - nanoseconds: for how long.
  ///   - part: which of the parts this is, if several threads share the rate.
  init(start: Int64, rate: Int, nanoseconds: Int64, part: Int = 0, of parts: Int = 1) {
    self.start = start
    self.rate = rate
    first = part
    stride = parts
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let all = Int(seconds) * rate + Int(rest) * rate / 1_000_000_000
    count = max(0, (all - part + parts - 1) / parts)
  }

  /// When the request with this number is due. Counted from the start, so that no rounding adds up.
  func moment(_ number: Int) -> Int64 {
    let (seconds, rest) = (first + stride * number).quotientAndRemainder(dividingBy: rate)
    return start + Int64(seconds) * 1_000_000_000 + Int64(rest) * 1_000_000_000 / Int64(rate)
  }

  /// When the next one is due; nil if there is none left.
  var next: Int64? { taken < count ? moment(taken) : nil }

  /// Takes the next request if it is due.
  ///
  /// - Returns: its moment, from which its latency counts.
  mutating func take(at now: Int64) -> Int64? {
    guard let next, next <= now else { return nil }
    taken += 1
    return next
  }
}

/// How long GETs and SETs took that one client makes in turns, a request each so often, a GET first.
///
/// A reply that is late keeps the client from asking again, and so hides how long those would have waited who came
/// meanwhile. They are put in, so that a standstill counts for as long as it is (coordinated omission).
struct PacedLatencies {
  /// Between two requests.
  let intervalNanoseconds: Int64
  private(set) var gets = Latencies()
  private(set) var sets = Latencies()
  private(set) var requests = 0

  init(intervalNanoseconds: Int64) {
    self.intervalNanoseconds = intervalNanoseconds
  }

  /// Whether the next request is a GET.
  var isGetNext: Bool { requests.isMultiple(of: 2) }

  /// Takes what the next request took.
  mutating func take(_ nanoseconds: Int64) {
    var isGet = isGetNext
    requests += 1
    var left = nanoseconds
    repeat {
      if isGet { gets.record(left) } else { sets.record(left) }
      isGet.toggle()
      left -= intervalNanoseconds
    } while left > 0
  }
}

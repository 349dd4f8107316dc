/// What one kind of request took at most, but for one in a thousand, in quiet and while something went on.
struct Disturbance: Equatable {
  static let percent = 99.9

  let quietMicroseconds: Double
  let busyMicroseconds: Double

  /// - Throws: `BenchmarkFailure` if there was no request.
  init(quiet: Latencies, busy: Latencies) throws {
    guard quiet.count > 0, busy.count > 0 else { throw BenchmarkFailure("there was no time for a request") }
    quietMicroseconds = quiet.microseconds(Self.percent)
    busyMicroseconds = busy.microseconds(Self.percent)
  }

  /// How many times as long as in quiet.
  var ratio: Double { busyMicroseconds / max(quietMicroseconds, 0.001) }

  /// Quiet, busy, ratio.
  var columns: [String] {
    [
      ColumnText.decimals(quietMicroseconds, 1), ColumnText.decimals(busyMicroseconds, 1),
      ColumnText.decimals(ratio, 3),
    ]
  }
}

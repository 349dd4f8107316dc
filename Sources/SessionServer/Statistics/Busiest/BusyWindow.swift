/// The ids that came most often within the last ten seconds. It counts by periods of ten seconds: those that came in
/// this one whole, those of the one before the less the farther this one has got.
struct BusyWindow {
  /// How long a period is, in nanoseconds.
  static let nanoseconds: Int64 = 10_000_000_000

  private var current = SpaceSaving()
  private var previous = SpaceSaving()
  /// Which period `current` is of, as counted from the machine's start.
  private var period: Int64 = 0

  /// Counts an id. Allocates nothing.
  ///
  /// - Parameters:
  ///   - id: at most 255 bytes.
  ///   - now: nanoseconds of CLOCK_BOOTTIME.
  mutating func add(_ id: Span<UInt8>, at now: Int64) {
    advance(to: now / Self.nanoseconds)
    current.add(id)
  }

  private mutating func advance(to now: Int64) {
    guard now > period else { return }
    swap(&current, &previous)
    if now > period + 1 { previous.removeAll() }
    current.removeAll()
    period = now
  }

  /// Adds how often each id came to what other windows have said.
  func add(to counts: inout [[UInt8]: Double], at now: Int64) {
    add(current, of: period, to: &counts, at: now)
    add(previous, of: period - 1, to: &counts, at: now)
  }

  private func add(
    _ summary: SpaceSaving, of period: Int64, to counts: inout [[UInt8]: Double], at now: Int64
  ) {
    let weight = Self.weight(of: period, at: now)
    guard weight > 0 else { return }
    for entry in summary.entries { counts[entry.id, default: 0] += Double(entry.count) * weight }
  }

  private static func weight(of period: Int64, at now: Int64) -> Double {
    switch now / nanoseconds - period {
    // Also where the one who reads has looked at the clock before the one who counts.
    case ...0: 1
    case 1: 1 - Double(now % nanoseconds) / Double(nanoseconds)
    default: 0
    }
  }
}

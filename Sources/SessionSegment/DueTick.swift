/// A moment on CLOCK_BOOTTIME in quarters of a second, rounded up: when the sweep has to look at an
/// entry again. 32 bits last for 34 years of uptime; what lies beyond counts as never.
public struct DueTick: Sendable, Equatable, Comparable {
  public static let nanoseconds: Int64 = 250_000_000
  public static let never = DueTick(rawValue: .max)

  public let rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The first tick at or after a moment.
  @inline(__always)
  public init(at nanoseconds: Int64) {
    let (ticks, rest) = max(nanoseconds, 0).quotientAndRemainder(dividingBy: Self.nanoseconds)
    rawValue = UInt32(clamping: rest == 0 ? ticks : ticks + 1)
  }

  /// The last tick that has come when it is `now`.
  @inline(__always)
  public static func passed(at now: Int64) -> DueTick {
    DueTick(rawValue: UInt32(clamping: max(now, 0) / nanoseconds))
  }

  /// The moment of the tick.
  public var moment: Int64 { self == .never ? .max : Int64(rawValue) * Self.nanoseconds }

  @inline(__always)
  public static func < (a: DueTick, b: DueTick) -> Bool { a.rawValue < b.rawValue }
}

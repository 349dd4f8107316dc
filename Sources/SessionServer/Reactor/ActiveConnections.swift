/// Roughly how many connections send requests in turns: the different ones among some recent requests. Pure.
///
/// Where they are many, who sleeps finds several requests when it wakes up, so that a wake-up costs each of them
/// little; who looks takes them one by one.
struct ActiveConnections {
  /// So many are few.
  static let few = 6
  /// Counted anew after so many requests.
  static let window = 32

  /// Of those counted just now: a bit for each number's last six.
  private var seen: UInt64 = 0
  private var left = ActiveConnections.window
  private var count = 0

  /// Whether they were few, lately.
  var areFew: Bool { count <= Self.few }

  /// A request, or some, came over the connection of this number.
  mutating func note(_ number: Int) {
    seen |= 1 << UInt64(number & 63)
    left -= 1
    guard left == 0 else { return }
    count = seen.nonzeroBitCount
    (seen, left) = (0, Self.window)
  }
}

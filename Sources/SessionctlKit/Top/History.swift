/// The last numbers of something, for a spark line.
struct History: Sendable {
  /// More columns no terminal has.
  static let most = 500

  private(set) var numbers: [Double] = []

  mutating func add(_ number: Double) {
    if numbers.count >= Self.most { numbers.removeFirst() }
    numbers.append(number)
  }
}

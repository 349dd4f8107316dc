import ArgumentParser

/// The numbers that an option takes.
enum OptionRange {
  /// More than any machine has room for, and few enough that their bytes can be counted.
  static let sessions = 1...1_000_000_000
  static let connections = 1...1_000_000
  /// Numbers of sessions, which are part of their ids.
  static let numbers = 0...1_000_000_000_000
  static let requests = 1...1_000_000_000
  static let requestsASecond = 1...10_000_000
  static let rounds = 1...100_000
  static let milliseconds = 1...3_600_000

  /// What is wrong with a number, for a person; nil if nothing is.
  static func problem(_ option: String, _ value: Int, _ range: ClosedRange<Int>) -> String? {
    if range.contains(value) { return nil }
    return "\(option) takes \(range.lowerBound) to \(range.upperBound), and not \(value)"
  }

  /// - Throws: `ValidationError` for the first number that is out of its range.
  static func check(_ options: (String, value: Int, range: ClosedRange<Int>)...) throws {
    for (option, value, range) in options {
      if let problem = Self.problem(option, value, range) { throw ValidationError(problem) }
    }
  }
}

import ArgumentParser

/// The lengths of the sessions' values: one, or several that they have in turns.
struct ValueSizes: ExpressibleByArgument, Equatable, Sendable {
  static let allowed = 16...65_536

  /// In bytes of text, without the quotes of the JSON string; at least one.
  let bytes: [Int]

  init(_ bytes: [Int]) {
    self.bytes = bytes
  }

  /// `256`, or `16,256,4096`.
  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == words.count, !numbers.isEmpty else { return nil }
    bytes = numbers
  }

  /// The length of the value of the session with this number.
  func bytes(of session: Int) -> Int { bytes[session % bytes.count] }

  /// What is wrong with them, for a person.
  var problem: String? {
    bytes.lazy.compactMap { OptionRange.problem("--value-bytes", $0, Self.allowed) }.first
  }

  /// As an argument.
  var text: String { bytes.map(String.init).joined(separator: ",") }

  var defaultValueDescription: String { text }
}

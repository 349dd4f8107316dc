/// Settings that can't be used: for each, one line that says which it is, where it stands, and what would do. Whatever
/// was written there, its control characters are written out.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// At least one line.
  public let problems: [String]

  public init(_ problem: String) {
    problems = [ValueText.printable(problem)]
  }

  /// nil where nothing is wrong.
  init?(problems: [String]) {
    guard !problems.isEmpty else { return nil }
    self.problems = problems.map(ValueText.printable)
  }

  /// The same, with what was found before it.
  func behind(_ earlier: [String]) -> ConfigurationError {
    ConfigurationError(problems: earlier + problems) ?? self
  }

  /// All of it in one line.
  public var description: String { problems.joined(separator: "; ") }
}

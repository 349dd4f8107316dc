import ArgumentParser

/// How often which session is used.
enum KeyDistribution: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// All alike.
  case uniform
  /// By `Zipf`.
  case zipf
}

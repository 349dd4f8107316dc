/// A setting that can't be used: one line that says which, where it stands, and what would do.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

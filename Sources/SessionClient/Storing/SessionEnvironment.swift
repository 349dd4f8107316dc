internal import Glibc

/// Environment variables by name.
public struct SessionEnvironment: Sendable, ExpressibleByDictionaryLiteral {
  let variable: @Sendable (String) -> String?

  /// Those of this process, as they are when they are asked for.
  public static let process = SessionEnvironment { name in getenv(name).map { String(cString: $0) } }

  /// Those of a dictionary.
  public init(_ variables: [String: String]) {
    self.init { variables[$0] }
  }

  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(Dictionary(elements) { $1 })
  }

  private init(_ variable: @escaping @Sendable (String) -> String?) {
    self.variable = variable
  }
}

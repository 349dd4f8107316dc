/// One thing that all stores do alike.
public struct StoreContract: Sendable, CustomStringConvertible {
  /// Which stores it binds.
  enum Scope: Sendable {
    case every
    case shared
    case own
  }

  /// The sentence that it proves.
  public let description: String
  let scope: Scope
  private let body: @Sendable (StoreTrial) throws -> Void

  init(
    _ description: String, _ scope: Scope = .every, _ body: @escaping @Sendable (StoreTrial) throws -> Void
  ) {
    self.description = description
    self.scope = scope
    self.body = body
  }

  /// - Parameter trial: with a store that is open and empty.
  /// - Throws: `StoreDiscrepancy`, or what a call threw that should not have.
  public func run(on trial: StoreTrial) throws { try body(trial) }

  /// All that bind a store of the kind.
  public static func all(isShared: Bool) -> [StoreContract] {
    (records + replacing + listings + time + sizes).filter {
      $0.scope == .every || ($0.scope == .shared) == isShared
    }
  }
}

/// Changes that are worked out and not made yet: they are published once the store has them. One thread at a time.
public final class ChangePlan {
  public private(set) var changes: [PlannedChange] = []

  public init() {}

  public var isEmpty: Bool { changes.isEmpty }

  public func removeAll() { changes.removeAll(keepingCapacity: true) }

  func add(_ change: PlannedChange) { changes.append(change) }
}

/// What is to be under an id.
public struct PlannedChange: Sendable, Equatable {
  /// What watchers are told, and WHY, once it is made.
  enum Meaning: Equatable {
    case set
    /// Nobody need be told.
    case quiet
    case deleted
    case revoked
    case renamed(to: [UInt8], version: UInt64)
  }

  public let id: [UInt8]
  /// The version of the record that it replaces; 0: there is none.
  public let base: UInt64
  /// The idle time of that record, which an EXPIRE changes without a new version; nil: there is none.
  public let baseTTL: Int64?
  /// nil: nothing is left under the id. Its version is a proposal: the store may give it another one, unless it is
  /// `base` itself.
  public let image: RecordImage?
  let meaning: Meaning
  let origin: ChangeOrigin?
}

extension PlannedChange {
  /// Of what the store has under an id, which nobody can read: nobody is told what it was.
  public init(removing id: [UInt8]) {
    self.init(id: id, base: 0, baseTTL: nil, image: nil, meaning: .quiet, origin: nil)
  }
}

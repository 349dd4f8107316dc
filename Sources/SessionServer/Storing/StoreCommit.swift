import SessionCache

/// Changes of one request that are put to the store together; their ids are reserved until it is over.
struct StoreCommit: Sendable {
  enum Kind: Sendable {
    /// Changes of ids that do not depend on each other.
    case plain
    /// The old id's ending, then the session under its new id: both or none.
    case rename
    /// Removals of whatever there is.
    case removal
  }

  var kind = Kind.plain
  let changes: [PlannedChange]
  /// What was reserved for it.
  let ids: [[UInt8]]
  let waiter: StoreWaiter
  /// How often the request has met a conflict.
  var conflicts = 0
  /// Whether nobody waits for the answer any more.
  var isAbandoned = false

  /// Bytes of the records that it holds.
  var byteCount: Int { changes.reduce(0) { $0 + $1.id.count + ($1.image?.body.count ?? 0) } }
}

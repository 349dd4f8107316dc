/// An operation with the places of its ids in a group.
struct GroupOperation {
  let operation: Operation
  let id: Int
  /// The new id of a RENAME.
  let target: Int?

  var call: Call { operation.call }
  var outcome: Outcome? { operation.outcome }
  var isRevoke: Bool { if case .revoke = call { true } else { false } }

  /// That nothing is done, and this is the reply.
  func expects(_ reply: Outcome) -> GroupState.Step {
    outcome ?? reply == reply ? .same : .impossible
  }

  /// When a time is over that began with this operation.
  func times(after nanoseconds: Int64) -> ClosedRange<Int64> {
    func later(_ moment: Int64) -> Int64 {
      let (sum, overflow) = moment.addingReportingOverflow(nanoseconds)
      return overflow ? .max : sum
    }
    return later(operation.begin)...later(operation.end)
  }
}

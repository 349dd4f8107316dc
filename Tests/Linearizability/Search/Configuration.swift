/// How far a search has come: what is placed, and what the session is then. Whatever led to it, the same
/// can follow, so that a search need not come twice through the same.
struct Configuration: Hashable {
  let certain: OperationSet.Key
  let uncertain: OperationSet.Key
  let state: SessionState

  /// The fields are left out: where the rest is equal they seldom differ, and hashing them takes long.
  func hash(into hasher: inout Hasher) {
    hasher.combine(certain)
    hasher.combine(uncertain)
    hasher.combine(state.version)
  }
}

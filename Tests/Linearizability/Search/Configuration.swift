/// How far a search has come: what is placed, and what stands under the ids then. Whatever led to it, the same
/// can follow, so that a search need not come twice through the same.
struct Configuration: Hashable {
  let certain: OperationSet.Key
  let uncertain: OperationSet.Key
  let state: GroupState
}

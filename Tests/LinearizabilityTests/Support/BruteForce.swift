import Linearizability

/// Tries every order of a small history and every choice of the operations whose replies were lost.
///
/// It shares nothing with the checker: a session is a dictionary with the order of its keys beside it,
/// versions are unknowns, one for each change, with what the replies say about them, and the end of a
/// grace is an operation like any other, with a time from which on and one until which it can be done.
enum BruteForce {
  static func isLinearizable(_ history: [Operation]) -> Bool { isLinearizable(["": history]) }

  static func isLinearizable(_ histories: [String: [Operation]]) -> Bool {
    let deeds = histories.flatMap { id, history in
      history.map { operation in
        Deed(
          id: id, operation: operation, begin: operation.begin, end: operation.end,
          isCertain: operation.outcome != nil)
      }
    }
    return extends(BruteForceAttempt(), deeds)
  }

  /// An operation, or the end of the grace of an id.
  struct Deed {
    let id: String
    let operation: Operation?
    let begin: Int64
    let end: Int64
    let isCertain: Bool
  }

  private static func extends(_ attempt: BruteForceAttempt, _ left: [Deed]) -> Bool {
    if left.allSatisfy({ !$0.isCertain || $0.operation == nil }) { return true }
    for (index, deed) in left.enumerated() {
      // Nothing that is left and must be done may have ended before this one began.
      let isEarly = left.contains { $0.isCertain && $0.end < deed.begin }
      guard !isEarly, deed.end >= attempt.latestBegin else { continue }
      var next = attempt
      next.latestBegin = max(next.latestBegin, deed.begin)
      var rest = left
      rest.remove(at: index)
      if let operation = deed.operation {
        guard next.perform(operation, on: deed.id) else { continue }
        if let grace = next.graceBegun {
          next.graceBegun = nil
          rest.append(
            Deed(
              id: deed.id, operation: nil, begin: later(deed.begin, grace), end: later(deed.end, grace),
              isCertain: true))
        }
      } else {
        next.endGrace(of: deed.id)
      }
      if extends(next, rest) { return true }
    }
    return false
  }

  private static func later(_ time: Int64, _ grace: Int64) -> Int64 {
    time > .max - grace ? .max : time + grace
  }
}

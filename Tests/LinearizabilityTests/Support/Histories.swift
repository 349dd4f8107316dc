import Linearizability

/// One operation after the other, a unit of time apart.
func sequential(_ steps: (Call, Outcome)...) -> [Operation] {
  steps.enumerated().map { Operation($1.0, $1.1, Int64($0) * 10, Int64($0) * 10 + 5) }
}

/// One operation from one time to another.
func during(_ times: ClosedRange<Int64>, _ call: Call, _ outcome: Outcome) -> Operation {
  Operation(call, outcome, times.lowerBound, times.upperBound)
}

/// One whose reply was lost.
func lost(from begin: Int64, to end: Int64 = .max, _ call: Call) -> Operation {
  Operation(call, nil, begin, end)
}

/// A whole number under key a.
func set(_ number: Int, if version: UInt64? = nil) -> Call {
  .set([Field("a", "\(number)")], ifVersion: version)
}

/// What GET answers about it.
func read(_ number: Int) -> Outcome { .value("\(number)") }

func isLinearizable(_ history: [Operation]) -> Bool {
  LinearizabilityChecker().check(history).isLinearizable
}

func isLinearizable(_ histories: [String: [Operation]]) -> Bool {
  LinearizabilityChecker().check(histories).isLinearizable
}

/// Operations on several ids, one after the other: the histories of the ids.
func sequential(_ steps: (String, Call, Outcome)...) -> [String: [Operation]] {
  var histories: [String: [Operation]] = [:]
  for (number, (id, call, outcome)) in steps.enumerated() {
    histories[id, default: []].append(Operation(call, outcome, Int64(number) * 10, Int64(number) * 10 + 5))
  }
  return histories
}

/// RENAME to an id.
func rename(to new: String, grace: Int64? = nil) -> Call { .rename(to: new, grace: grace) }

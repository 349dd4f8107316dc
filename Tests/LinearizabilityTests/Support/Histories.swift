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

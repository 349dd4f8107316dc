/// What went wrong, for a person.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension BenchmarkFailure {
  /// A read that did not find what `sessionbench fill` put there.
  static func wrong(_ id: String) -> BenchmarkFailure {
    BenchmarkFailure("the value of session \(id) is not the one that it was filled with")
  }

  /// A server that does not answer.
  static var silence: BenchmarkFailure {
    BenchmarkFailure("no reply within \(LoadSocket.secondsMost) seconds")
  }
}

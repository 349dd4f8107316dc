/// Work that is the same each time, so that the instructions it takes can be counted.
protocol CountedWork {
  /// How many requests it does at least: the others are multiples of it.
  var step: Int { get }

  /// Does so many requests.
  ///
  /// - Parameter requests: a multiple of `step`.
  func run(_ requests: Int) throws
}

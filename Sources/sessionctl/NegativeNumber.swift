/// Lets a negative number end a command line: `incr s1 stock -3`.
enum NegativeNumber {
  /// Puts `--` before the number, which the parser would take for options otherwise. Long flags may follow
  /// it, and keep their meaning.
  static func marked(_ arguments: [String]) -> [String] {
    guard !arguments.contains("--"), let position = arguments.lastIndex(where: { !$0.hasPrefix("--") }) else {
      return arguments
    }
    let number = arguments[position]
    guard number.hasPrefix("-"), Double(number) != nil, number.dropFirst().first?.isNumber == true else {
      return arguments
    }
    return arguments[..<position] + arguments[(position + 1)...] + ["--", number]
  }
}

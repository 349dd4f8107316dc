import ArgumentParser

/// A time on the command line: 500ms, 10s, 10m, 2h, 1d, or seconds without a unit.
struct DurationWord: ExpressibleByArgument {
  let duration: Duration
  /// As people write it.
  let defaultValueDescription: String

  /// For defaults.
  init(seconds: Int) {
    duration = .seconds(seconds)
    defaultValueDescription = "\(seconds)s"
  }

  init?(argument: String) {
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
    let unit = units.first { argument.hasSuffix($0.0) } ?? ("", 1)
    let digits = argument.dropLast(unit.0.count)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
      let number = Double(digits), number.isFinite, number * unit.1 < 1e12
    else { return nil }
    defaultValueDescription = argument
    duration = .milliseconds((number * unit.1 * 1000).rounded())
  }
}

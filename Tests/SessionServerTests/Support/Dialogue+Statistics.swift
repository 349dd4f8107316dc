import TestSupport
import Testing

extension Dialogue {
  /// What METRICS answers with, taken out of its JSON string.
  func metrics() throws -> OpenMetricsText {
    let reply = ask("METRICS")
    try #require(reply.hasPrefix(##"OK "# TYPE sessiond_build info\n"##) && reply.hasSuffix("# EOF\\n\""))
    let text = reply.dropFirst(4).dropLast().replacing("\\n", with: "\n").replacing("\\\"", with: "\"")
    #expect(!text.contains("\\"))
    return try OpenMetricsText(String(text))
  }

  /// Numbers that STATS and METRICS tell, and tell alike, by their metrics.
  ///
  /// - Parameter places: each metric, without `sessiond_`, with where it stands in STATS: `memory.limit`.
  func numbers(
    _ places: [(metric: String, member: String)], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Double] {
    let statistics = ask("STATS")
    let values = try metrics().values
    var numbers: [String: Double] = [:]
    for (metric, member) in places {
      let number = try Self.number(member, in: statistics)
      #expect(values["sessiond_\(metric)"] == number, "\(metric)", sourceLocation: sourceLocation)
      numbers[metric] = number
    }
    return numbers
  }

  private static func number(_ member: String, in statistics: String) throws -> Double {
    var rest = statistics[...]
    for name in member.split(separator: ".") {
      guard let found = rest.firstRange(of: "\"\(name)\":") else {
        throw TestFailure("no \(member) in \(statistics)")
      }
      rest = rest[found.upperBound...]
    }
    guard let number = Double(rest.prefix { $0.isNumber || $0 == "." }) else {
      throw TestFailure("\(member) is no number in \(statistics)")
    }
    return number
  }
}

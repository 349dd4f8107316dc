/// The daemon's metrics, line by line. Pure.
struct MetricsText {
  private var lines: [Substring]

  /// - Parameter text: OpenMetrics, as the daemon writes it: TYPE comes first of a family, and its samples follow.
  init(_ text: String) {
    lines = text.split(separator: "\n")
  }

  var text: String { lines.map { $0 + "\n" }.joined() }

  /// Adds labels to every sample, before those that it has.
  mutating func add(_ labels: [MetricLabel]) {
    if labels.isEmpty { return }
    let added = labels.map(\.text).joined(separator: ",")
    lines = lines.map { line in
      guard line.first != "#", let end = line.firstIndex(where: { $0 == "{" || $0 == " " }) else {
        return line
      }
      let rest = line[line.index(after: end)...]
      return line[end] == "{" ? "\(line[..<end]){\(added),\(rest)" : "\(line[..<end]){\(added)} \(rest)"
    }
  }

  /// Makes it the older format of Prometheus (0.0.4), where a family of counters has the name of its samples, the
  /// type info does not exist, and neither do units and the mark of the end.
  mutating func becomePrometheus() {
    var family: Substring = ""
    var suffix = ""
    lines = lines.compactMap { line in
      guard line.first == "#" else { return line }
      let words = line.split(separator: " ", maxSplits: 3)
      guard words.count == 4, words[1] != "UNIT" else { return nil }
      var rest = words[3]
      if words[1] == "TYPE" {
        family = words[2]
        suffix = rest == "counter" ? "_total" : rest == "info" ? "_info" : ""
        if rest == "info" { rest = "gauge" }
      }
      return "# \(words[1]) \(family)\(suffix) \(rest)"
    }
  }
}

/// Prometheus's own judge of metrics. `PROMTOOL` names it; else it is looked up in `PATH`.
enum Promtool {
  static let path = Programs.environment("PROMTOOL") ?? Programs.tool("promtool")
  static let isWanted = "needs promtool (in Debian: prometheus; make test fetches it)"

  /// What it remarks about a text in Prometheus's format, empty if nothing.
  static func remarks(on text: String) throws -> String {
    let result = try run(path!, ["check", "metrics"], input: text)
    return result.status == .exited(0) && result.standardError.isEmpty ? "" : "\(result)"
  }

  /// Reads a text of OpenMetrics as Prometheus does.
  ///
  /// - Returns: what it says against it, empty if nothing.
  static func complaint(about text: String, in directory: TemporaryDirectory) throws -> String {
    // It takes samples with a time only.
    let timed = text.split(separator: "\n").map { $0.hasPrefix("#") ? "\($0)\n" : "\($0) 1700000000\n" }
    try Files.write(timed.joined(), to: directory.file("metrics"))
    let result = try run(
      path!,
      ["tsdb", "create-blocks-from", "openmetrics", directory.file("metrics"), directory.file("blocks")])
    return result.status == .exited(0) ? "" : "\(result)"
  }
}

import ArgumentParser
import SessionClient

struct Metrics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print how the daemon is doing, for Prometheus and the like.",
    discussion: """
      A text of OpenMetrics 1.0. What reads it without knowing that, as the node exporter's textfile collector does, \
      wants --prometheus. It takes no --json: the same as JSON is what sessionctl stats --json prints.

      Examples:
        sessionctl metrics
        sessionctl metrics --prometheus --label cache=shop > sessiond.prom
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Print the older text format of Prometheus (0.0.4).")
  var prometheus = false

  @Option(help: ArgumentHelp("Add a label to every line; may be repeated.", valueName: "name=value"))
  var label: [MetricLabel] = []

  func validate() throws {
    guard Set(label.map(\.name)).count == label.count else {
      throw ValidationError("--label names a label twice.")
    }
    guard !common.json else { throw ValidationError("metrics has no --json; stats has.") }
  }

  func run() async throws {
    var text = MetricsText(try await common.client().metrics())
    text.add(label)
    if prometheus { text.becomePrometheus() }
    try Terminal.print(text.text, end: "")
  }
}

extension MetricLabel: ExpressibleByArgument {}

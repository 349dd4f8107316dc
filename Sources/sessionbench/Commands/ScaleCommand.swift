import ArgumentParser

/// What changes with many sessions and many connections. `scripts/bench-scale.sh` puts the parts together.
struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Measure with few and many sessions, and few and many connections.",
    subcommands: [
      ScaleLadderCommand.self, ScaleFillCommand.self, ScaleSetCommand.self,
      ScaleReclaimCommand.self, ScaleWarmCommand.self, ScaleConnectionsCommand.self, ScaleIdleCommand.self,
      ScaleExpireCommand.self, ScaleTableCommand.self,
    ])
}

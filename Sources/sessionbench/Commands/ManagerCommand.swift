import ArgumentParser

/// The tests of the original Session Manager, on sessiond.
struct ManagerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manager",
    abstract: "The original Session Manager's tests: speed, cache effectiveness, memory.",
    discussion: "scripts/bench-manager.sh starts the daemons that they want, and runs them all.",
    subcommands: [Speed.self, Effect.self, Memory.self])
}

import ArgumentParser

/// Measures a running sessiond from outside. `scripts/bench-reads.sh` and `scripts/bench-store.sh` put the parts
/// together.
@main
struct SessionbenchProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessionbench",
    abstract: "Measure a running sessiond.",
    discussion: """
      The commands that wait for lines on standard input do one batch for each line, print one line about \
      it, and end with the input: so a script can let several of them take turns.
      """,
    subcommands: [
      FillCommand.self, ReadCommand.self, WriteCommand.self, LoopCommand.self, HerdCommand.self,
      WarmCommand.self,
      LagCommand.self,
    ])
}

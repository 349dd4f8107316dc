import ArgumentParser

/// Measures sessiond from outside, and other servers beside it. The scripts of `make bench`, `bench-reads`,
/// `bench-store`, `bench-manager` and `bench-scale` put the parts together.
@main
struct SessionbenchProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessionbench",
    abstract: "Measure sessiond, and others beside it.",
    discussion: """
      The commands that wait for lines on standard input do one batch for each line, print one line about \
      it, and end with the input: so a script can let several of them take turns.
      """,
    subcommands: [
      FillCommand.self, LoadCommand.self, MemoryCommand.self, ReadCommand.self, WriteCommand.self,
      LoopCommand.self, HerdCommand.self, WarmCommand.self, LagCommand.self, ManagerCommand.self,
      CountCommand.self, ScaleCommand.self,
    ])
}

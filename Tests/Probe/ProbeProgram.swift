@preconcurrency import Glibc

/// `sessionprobe` is what the system tests start as other processes: clients that write down what they see,
/// clients that read and write as fast as they can and judge what they read, clients that stop midway, and
/// clients that fork.
/// Every command ends by itself.
@main
enum ProbeProgram {
  static func main() async {
    setlinebuf(stdout)
    do {
      let arguments = try Arguments(CommandLine.arguments.dropFirst())
      switch arguments.command {
      case "record": try await Recorder(arguments).run()
      case "hammer-write":
        var writer = try HammerWriter(arguments)
        try await writer.run()
      case "hammer-read":
        var reader = try HammerReader(arguments)
        try await reader.run()
      case "frozen-read": try FrozenReader(arguments).run()
      case "fork": try ForkingReader(arguments).run()
      case "persist":
        var persister = try Persister(arguments)
        try await persister.run()
      case "storm":
        var owner = try StormOwner(arguments)
        try await owner.run()
      case "storm-read":
        var reader = try StormReader(arguments)
        try await reader.run()
      case "crowd": try await Crowd(arguments).run()
      case "update": try await Updater(arguments).run()
      default: throw ProbeFailure("no command \(arguments.command)")
      }
    } catch {
      fputs("sessionprobe: \(error)\n", stderr)
      exit(1)
    }
  }
}

/// What went wrong, or was seen that must not be.
struct ProbeFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

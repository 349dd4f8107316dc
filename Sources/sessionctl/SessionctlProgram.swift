import ArgumentParser
internal import Glibc

/// The entry point: runs the command that was asked for, and turns what happened into an exit code.
@main
enum SessionctlProgram {
  static func main() async {
    do {
      var command = try Sessionctl.parseAsRoot(
        NegativeNumber.marked(Array(CommandLine.arguments.dropFirst())))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      try flush()
    } catch {
      finish(with: error)
    }
  }

  /// What was printed must have gone out: an id that nobody has seen is a session that nobody finds again.
  private static func flush() throws(Failure) {
    guard fflush(nil) != 0 else { return }
    throw Failure(.refused, "Standard output can't be written: \(String(cString: strerror(errno))).")
  }

  private static func finish(with error: any Error) -> Never {
    if let failure = Failure(error) {
      Terminal.complain(failure.message)
      exit(failure.code.rawValue)
    }
    let code = Sessionctl.exitCode(for: error)
    // Help and version are no failures; the parser prints them by itself.
    if code == .success { Sessionctl.exit(withError: error) }
    Terminal.complain(Sessionctl.fullMessage(for: error))
    exit(Outcome.usage.rawValue)
  }
}

import ArgumentParser
internal import Glibc
import SessionctlKit
internal import SystemCalls

/// The entry point: runs the command that was asked for, and turns what happened into an exit code.
@main
enum SessionctlProgram {
  static func main() async {
    do {
      try takeStandardDescriptors()
      try refuseBrokenText()
      var command = try Sessionctl.parseAsRoot(
        NegativeNumber.marked(Array(CommandLine.arguments.dropFirst())))
      do {
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      } catch let ended as ExitCode {
        // The command has printed all that there is to say.
        exit(ended.rawValue)
      }
    } catch {
      finish(with: error)
    }
  }

  /// The socket would get the number of one that is closed, and what is printed would go to the daemon.
  private static func takeStandardDescriptors() throws(Failure) {
    let canPrint = fcntl(STDOUT_FILENO, F_GETFD) != -1
    do throws(SystemCallError) {
      try ProcessSetUp.openStandardDescriptors()
    } catch {
      throw Failure(
        .refused, "A standard descriptor is closed, and /dev/null can't take its place: \(error).")
    }
    guard canPrint else { throw Failure(.refused, "Standard output is closed. Nothing was sent.") }
  }

  /// CommandLine.arguments has replaced what is not UTF-8 already, so the words are looked at as they came.
  private static func refuseBrokenText() throws(Failure) {
    var words: [[UInt8]] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      // Safe: execve(2) gives argc words, each with a zero at its end, which nobody changes.
      guard let word = CommandLine.unsafeArgv[index] else { break }
      words.append(Array(UnsafeRawBufferPointer(start: word, count: Int(strlen(word)))))
    }
    if let complaint = ArgumentBytes.complaint(about: words) { throw Failure(.usage, complaint) }
  }

  private static func finish(with error: any Error) -> Never {
    if let failure = Failure(error) {
      Terminal.complain(failure.message)
      exit(failure.code.rawValue)
    }
    let code = Sessionctl.exitCode(for: error)
    let message = Sessionctl.fullMessage(for: error)
    guard code == .success else {
      Terminal.complain(message)
      exit(Outcome.usage.rawValue)
    }
    // Help and version are no failures, unless nobody can read them.
    do throws(Failure) {
      if !message.isEmpty { try Terminal.print(message) }
    } catch {
      Terminal.complain(error.message)
      exit(error.code.rawValue)
    }
    exit(Outcome.done.rawValue)
  }
}

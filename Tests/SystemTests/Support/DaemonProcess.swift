import Glibc

/// A running `sessiond`, the real binary, with a socket, a segment and a configuration file of its own
/// in a temporary directory.
final class DaemonProcess {
  let directory: TemporaryDirectory
  private(set) var options: DaemonOptions
  private var child: ChildProcess

  var pid: pid_t { child.pid }
  var socketPath: String { directory.file("sessiond.sock") }
  var configurationPath: String { directory.file("sessiond.conf") }

  /// Starts the daemon and returns once it answers.
  ///
  /// Throws when it ends instead, with what it wrote to standard error.
  static func start(in directory: TemporaryDirectory, _ options: DaemonOptions) throws -> DaemonProcess {
    let daemon = try DaemonProcess(launching: directory, options)
    try daemon.waitUntilReady()
    return daemon
  }

  /// Starts the daemon without waiting.
  init(launching directory: TemporaryDirectory, _ options: DaemonOptions) throws {
    self.directory = directory
    self.options = options
    try Files.write(options.configuration, to: directory.file("sessiond.conf"))
    // What an earlier daemon in the same directory said is not this one's.
    unlink(directory.file("stderr"))
    child = try Self.launch(directory, options)
  }

  private static func launch(
    _ directory: TemporaryDirectory, _ options: DaemonOptions
  ) throws -> ChildProcess {
    var command = options.wrapper + [Programs.sessiond]
    if options.namesSocket { command += ["--socket", directory.file("sessiond.sock")] }
    command += ["--segment", directory.file(options.segment), "--config", directory.file("sessiond.conf")]
    command += options.arguments
    if !options.prelude.isEmpty {
      command = ["/bin/sh", "-c", "\(options.prelude); exec \"$@\"", "sh"] + command
    }
    return try ChildProcess(
      program: command[0], arguments: Array(command.dropFirst()),
      environment: Programs.plainEnvironment.merging(options.environment) { $1 },
      standardOutput: directory.file("stdout"), standardError: directory.file("stderr"),
      descriptors: options.descriptors)
  }

  /// Waits until the daemon answers a PING.
  func waitUntilReady() throws {
    try eventually("the daemon answers") {
      if let status = try child.poll() {
        throw Failure("the daemon ended with \(status): \(standardError)")
      }
      guard let connection = try? RawConnection(path: socketPath) else { return false }
      return (try? connection.request("PING")) == "OK \"pong\""
    }
  }

  /// Everything that it has written to standard error.
  var standardError: String { (try? Files.text(directory.file("stderr"))) ?? "" }

  /// How much of it earlier daemons in this place have written.
  private var writtenBefore = 0

  /// What the one that runs has written to standard error.
  var output: String { String(decoding: standardError.utf8.dropFirst(writtenBefore), as: UTF8.self) }

  /// What of that is a warning or worse, by lines.
  var warnings: [String] {
    output.split(separator: "\n").filter { line in
      !["<5>", "<6>", "<7>"].contains { line.hasPrefix($0) }
    }.map(String.init)
  }

  var segmentPath: String { directory.file(options.segment) }

  var facts: ProcessFacts { ProcessFacts(pid: pid) }

  func connect() throws -> RawConnection { try RawConnection(path: socketPath) }

  /// One request on a connection of its own.
  func ask(_ line: String) throws -> String { try connect().request(line) }

  /// How many reads clients have told of that they answered out of the segment.
  func mappedHits() throws -> Double {
    let statistics = try ask("STATS")
    guard let found = statistics.firstRange(of: "\"mapped\":") else { throw Failure(statistics) }
    return try String(statistics[found.upperBound...]).number("hits")
  }

  /// Waits until a connection is the only one that the daemon knows: it may take a moment to see that
  /// another one was closed.
  func waitUntilAlone(_ connection: RawConnection) throws {
    try eventually("the daemon forgets the other connections") {
      try connection.request("STATS").number("current") == 1
    }
  }

  /// SIGSTOP: returns when all its threads have stopped, which takes them a moment.
  func signal(_ number: Int32) throws {
    try child.signal(number)
    guard number == SIGSTOP else { return }
    try eventually("it stands still") { try facts.isStopped }
  }

  func hasEnded() throws -> Bool { try child.poll() != nil }

  func waitForExit(within seconds: Double = 30) throws -> ExitStatus {
    try child.waitForExit(within: seconds)
  }

  /// kill -9.
  func kill() { child.stop() }

  /// Starts it again, over whatever the last one left in the directory.
  ///
  /// - Parameter options: other ones from now on.
  func restart(_ options: DaemonOptions? = nil) throws {
    try launchAgain(options)
    try waitUntilReady()
  }

  /// Starts it again without waiting.
  func launchAgain(_ options: DaemonOptions? = nil) throws {
    child.stop()
    writtenBefore = standardError.utf8.count
    self.options = options ?? self.options
    child = try Self.launch(directory, self.options)
  }
}

/// Runs a test with a daemon of its own, which is killed afterwards.
func withDaemon<Result>(
  _ options: DaemonOptions = DaemonOptions(), _ body: (DaemonProcess) throws -> Result
) throws -> Result {
  try TemporaryDirectory.with { directory in
    let daemon = try DaemonProcess.start(in: directory, options)
    defer { daemon.kill() }
    return try body(daemon)
  }
}

/// Runs a test with a daemon of its own, started with these flags.
func withDaemon<Result>(
  _ arguments: String..., body: (DaemonProcess) throws -> Result
) throws -> Result {
  try withDaemon(DaemonOptions(arguments: arguments), body)
}

/// Runs an asynchronous test with a daemon of its own.
func withDaemon<Result>(
  _ options: DaemonOptions = DaemonOptions(), isolation: isolated (any Actor)? = #isolation,
  _ body: (DaemonProcess) async throws -> Result
) async throws -> Result {
  try await TemporaryDirectory.with { directory in
    let daemon = try DaemonProcess.start(in: directory, options)
    defer { daemon.kill() }
    return try await body(daemon)
  }
}

import Glibc
import TestSupport

/// A real Redis server on a private Unix socket, with a directory of its own, which can be killed and started again.
///
/// Whatever it has acknowledged is in its file and synced (`appendfsync always`).
final class RedisServer {
  static var isPossible: Bool { RedisProgram.path != nil }
  static let isWanted = RedisProgram.isWanted

  let directory: TemporaryDirectory
  private let name: String
  private let settings: [String]
  private var child: ChildProcess

  var pid: pid_t { child.pid }
  var socketPath: String { directory.file("\(name).sock") }

  /// Starts it and waits until it answers.
  ///
  /// - Parameter settings: words of its command line beyond those that are always given.
  init(in directory: TemporaryDirectory, name: String = "redis", settings: [String] = []) throws {
    self.directory = directory
    self.name = name
    self.settings = settings
    try check(mkdir(directory.file(name), 0o700), "mkdir")
    child = try Self.launch(directory, name, settings)
    try waitUntilReady()
  }

  private static func launch(
    _ directory: TemporaryDirectory, _ name: String, _ settings: [String]
  ) throws -> ChildProcess {
    let socket = directory.file("\(name).sock")
    // A server that was killed leaves it.
    unlink(socket)
    guard let program = RedisProgram.path else { throw Failure(isWanted) }
    let arguments =
      RedisProgram.arguments(socket: socket, directory: directory.file(name))
      + ["--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning"] + settings
    return try ChildProcess(
      program: program, calledBy: RedisProgram.name, arguments: arguments,
      environment: Programs.plainEnvironment, standardOutput: directory.file("\(name).out"),
      standardError: directory.file("\(name).err"))
  }

  /// Waits until it answers; it may still be loading.
  func waitUntilReady() throws {
    try eventually("redis answers") {
      if let status = try child.poll() {
        throw Failure("redis ended with \(status): \(try Files.text(directory.file("\(name).out")))")
      }
      return (try? connect().command(["PING"])) == "PONG"
    }
  }

  func connect() throws -> RedisConnection { try RedisConnection(path: socketPath) }

  /// One command on a connection of its own.
  @discardableResult
  func command(_ words: String...) throws -> String { try connect().command(words) }

  func signal(_ number: Int32) throws { try child.signal(number) }

  /// kill -9.
  func kill() { child.stop() }

  /// Starts it again over what it has written, killing it first if it runs.
  func restart() throws {
    try launchAgain()
    try waitUntilReady()
  }

  /// Starts it again without waiting.
  ///
  /// - Parameter more: words of its command line for this time.
  func launchAgain(_ more: [String] = []) throws {
    child.stop()
    child = try Self.launch(directory, name, settings + more)
  }
}

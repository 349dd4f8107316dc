import Glibc

/// A running `sessionprobe`: another process that uses the daemon, and judges or writes down what it sees.
final class ProbeProcess {
  let name: String
  private let child: ChildProcess
  private let directory: TemporaryDirectory

  var pid: pid_t { child.pid }

  /// - Parameters:
  ///   - name: of its output files, and unique within the directory.
  ///   - settings: `name=value`, beyond those that every command takes.
  init(
    _ command: String, name: String, daemon: DaemonProcess, reads: ReadWay, seconds: Double,
    _ settings: [String]
  ) throws {
    self.name = name
    directory = daemon.directory
    let common = ["socket=\(daemon.socketPath)", "reads=\(reads.rawValue)", "seconds=\(seconds)"]
    child = try ChildProcess(
      program: Programs.sessionprobe, arguments: [command] + common + settings,
      environment: Programs.plainEnvironment, standardOutput: directory.file("\(name).out"),
      standardError: directory.file("\(name).err"))
  }

  /// How a probe reads.
  enum ReadWay: String, CaseIterable {
    case socket, mapped, both
  }

  func signal(_ number: Int32) throws { try child.signal(number) }

  /// kill -9.
  func kill() { child.stop() }

  /// Throws what it complained about if it has ended, and not well.
  func check() throws {
    guard let status = try child.poll(), status != .exited(0) else { return }
    throw Failure("\(name) ended with \(status): \(try Files.text(directory.file("\(name).err")))")
  }

  /// Waits until it ends by itself, and returns what it printed: `name=number` words.
  ///
  /// Throws what it complained about if it did not end well.
  @discardableResult
  func finish(within seconds: Double) throws -> [String: Int] {
    try child.waitForExit(within: seconds)
    try check()
    var numbers: [String: Int] = [:]
    for word in try Files.text(directory.file("\(name).out")).split(whereSeparator: \.isWhitespace) {
      let parts = word.split(separator: "=")
      guard parts.count == 2, let number = Int(parts[1]) else { throw Failure("\(name) printed \(word)") }
      numbers[String(parts[0])] = number
    }
    return numbers
  }
}

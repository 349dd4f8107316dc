import Glibc

/// A lock on a database, of sqlite3(1), another process: it can be read, and not written to.
final class DatabaseLock {
  private let child: ChildProcess
  private let input: Pipe

  /// - Parameter waiting: called again and again until it is locked.
  init(_ path: String, in directory: TemporaryDirectory, waiting: () -> Void = {}) throws {
    input = try Pipe()
    let output = directory.file("sqlite.out")
    unlink(output)
    child = try ChildProcess(
      program: Programs.tool("sqlite3") ?? "sqlite3", arguments: [path],
      environment: Programs.plainEnvironment,
      standardInput: input.readEnd, standardOutput: output, standardError: directory.file("sqlite.err"))
    let script = Array(".timeout 10000\nBEGIN EXCLUSIVE;\nSELECT 'locked';\n".utf8)
    try check(write(input.writeEnd, script, script.count), "write")
    try eventually("it is locked") {
      waiting()
      return try Files.text(output) == "locked\n"
    }
  }

  func release() { child.stop() }
}

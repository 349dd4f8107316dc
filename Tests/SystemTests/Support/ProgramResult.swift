import CLinux
import Glibc

/// What a program printed, and how it ended.
struct ProgramResult {
  let status: ExitStatus
  let standardOutput: String
  let standardError: String

  var outputLines: [Substring] { standardOutput.split(separator: "\n") }
  var errorLines: [Substring] { standardError.split(separator: "\n") }
}

/// Runs a program to its end: kills it and throws when that takes too long.
///
/// A name without a slash is looked up in `PATH`; the descriptors become its 3, 4, ….
func run(
  _ program: String, _ arguments: [String], input: String = "",
  environment: [String: String] = [:], descriptors: [Int32] = [], within seconds: Double = 30
) throws -> ProgramResult {
  try TemporaryDirectory.with { directory in
    guard let path = program.contains("/") ? program : Programs.tool(program) else {
      throw Failure("no program \(program)")
    }
    try Files.write(input, to: directory.file("in"))
    let inputFile = try check(linux_open(directory.file("in"), O_RDONLY | O_CLOEXEC, 0), "open")
    defer { close(inputFile) }
    let child = try ChildProcess(
      program: path, arguments: arguments,
      environment: Programs.plainEnvironment.merging(environment) { $1 },
      standardInput: inputFile, standardOutput: directory.file("out"),
      standardError: directory.file("err"), descriptors: descriptors)
    defer { child.stop() }
    let status = try child.waitForExit(within: seconds)
    return ProgramResult(
      status: status, standardOutput: try Files.text(directory.file("out")),
      standardError: try Files.text(directory.file("err")))
  }
}

extension DaemonProcess {
  /// What sessionctl does to this daemon.
  func sessionctl(_ arguments: [String], input: String = "", within seconds: Double = 60) throws
    -> ProgramResult
  {
    try run(Programs.sessionctl, ["--socket", socketPath] + arguments, input: input, within: seconds)
  }

  func sessionctl(_ arguments: String..., input: String = "") throws -> ProgramResult {
    try sessionctl(arguments, input: input)
  }

  /// What a command prints that must succeed, and say nothing else.
  func printed(_ arguments: String..., input: String = "") throws -> String {
    let result = try sessionctl(arguments, input: input)
    guard result.status == .exited(0), result.standardError.isEmpty else {
      throw Failure("\(arguments): \(result.status), \(result.standardError)")
    }
    return result.standardOutput
  }
}

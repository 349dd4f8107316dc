/// strace(1), which delays system calls where a test wants that.
enum Tracing {
  /// `-D`: the traced program stays this process's child, and can be stopped by its pid.
  static var command: [String] { [Programs.tool("strace") ?? "strace", "-D", "-f"] }

  /// Whether strace is there and the system lets it trace.
  static let isPossible: Bool = {
    guard Programs.has("strace") else { return false }
    let probe = try? run(
      "strace", ["-qqq", "-o", "/dev/null", "-e", "inject=?listen:delay_enter=1", "/bin/true"])
    return probe?.status == .exited(0)
  }()
}

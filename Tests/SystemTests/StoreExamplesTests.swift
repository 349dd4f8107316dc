import Testing

@Suite("README.md tells the truth about what is behind the cache")
struct StoreExamplesTests {
  /// A block of shell commands. What a command prints stands behind it, after `# `.
  private struct Example {
    let lines: [Substring]

    /// What the commands print, by their comments.
    var output: [Substring] {
      lines.filter { !$0.hasPrefix("#") }.compactMap { line in
        line.firstRange(of: "  # ").map { line[$0.upperBound...] }
      }
    }

    /// Programs that may be missing on a machine.
    var wanted: [String] {
      ["redis-server", "redis-cli", "sqlite3"].filter { program in
        lines.contains { $0.contains("\(program) ") }
      }
    }
  }

  private static func examples() throws -> [Example] {
    let document = try Files.text("\(Programs.sourceRoot)/README.md")
    let section = document.split(separator: "\n## ").first { $0.hasPrefix("Behind the cache") }
    return try #require(section).split(separator: "```sh\n").dropFirst().map { part in
      Example(lines: part.prefix(upTo: part.firstRange(of: "```")!.lowerBound).split(separator: "\n"))
    }
  }

  @Test("every block of commands prints what it says, one block after the other")
  func blocks() throws {
    let examples = try Self.examples()
    #expect(examples.count >= 4)
    try TemporaryDirectory.with { directory in
      try Files.write("", to: directory.file("empty.conf"))
      for example in examples {
        guard
          try example.wanted.allSatisfy({ try run("sh", ["-c", "command -v \($0)"]).status == .exited(0) })
        else {
          print("no \(example.wanted.joined(separator: ", ")) here: the examples with it are not run")
          continue
        }
        // A daemon without optimisation on a busy machine takes its time. What was started is stopped at the end.
        let script = """
          cd "\(directory.path)"
          trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
          sleep() { command sleep 3; }
          sessiond() { exec "\(Programs.sessiond)" "$@"; }
          sessionctl() { "\(Programs.sessionctl)" "$@"; }
          \(example.lines.joined(separator: "\n"))
          """
        let environment = [
          "XDG_RUNTIME_DIR": directory.path, "SESSIOND_CONFIG": directory.file("empty.conf"),
        ]
        let result = try run("bash", ["-ec", script], environment: environment)
        #expect(result.status == .exited(0), "\(example.lines): \(result.standardError)")
        // The versions that `set` prints are not shown.
        let output = result.standardOutput.split(separator: "\n").filter { !$0.hasPrefix("version ") }
        #expect(output == example.output, "\(example.lines): \(result.standardError)")
      }
    }
  }
}

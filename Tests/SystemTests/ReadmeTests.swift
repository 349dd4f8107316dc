import Testing

private let document = try! Files.text("\(Programs.sourceRoot)/README.md")

@Suite("README.md tells the truth")
struct ReadmeTests {
  @Test(
    "every session with the daemon gives the replies that it shows",
    arguments: try ProtocolExample.all(in: document))
  func example(_ example: ProtocolExample) throws {
    try withDaemon { daemon in
      try example.execute(on: daemon.connect())
    }
  }

  @Test("every sessionctl line that it shows succeeds, one after the other")
  func sessionctlLines() throws {
    let lines = document.split(separator: "\n").filter { $0.hasPrefix("$ ") && $0.contains("sessionctl ") }
    #expect(lines.count >= 12)
    try withDaemon { daemon in
      for line in lines {
        let script = """
          sessionctl() { "\(Programs.sessionctl)" "$@"; }
          cd "\(daemon.directory.path)" && \(line.dropFirst(2))
          """
        let result = try run(
          "sh", ["-c", script], environment: ["SESSIOND_SOCKET": daemon.socketPath])
        #expect(result.status == .exited(0), "\(line): \(result.standardError)")
      }
    }
  }

  @Test("the client's examples are those that the client's tests compile and run")
  func clientExamples() throws {
    let tested = try Files.text("\(Programs.sourceRoot)/Tests/SessionClientTests/UsageExampleTests.swift")
    let compiled = Set(tested.split(separator: "\n"))
    for (beginning, least) in [
      ("import SessionClient\n\nfunc firstSteps", 6), ("import SessionClient\n\nstruct CartItem", 20),
      ("func greeting", 4), ("func logIn", 15), ("func makeSessions", 4), ("func expiry", 5),
    ] {
      let parts = document.split(separator: "```swift\n\(beginning)", maxSplits: 1)
      try #require(parts.count == 2)
      let example =
        beginning + parts[1].prefix(upTo: try #require(parts[1].firstRange(of: "```")?.lowerBound))
      let lines = example.split(separator: "\n")
      #expect(lines.count >= least)
      for line in lines { #expect(compiled.contains(line), "\(line)") }
    }
  }

  @Test("the program in Python prints what is said behind its last line")
  func python() throws {
    guard try run("sh", ["-c", "command -v python3"]).status == .exited(0) else {
      return print("no python3 here: the example is not run")
    }
    let parts = document.split(separator: "```python\n")
    try #require(parts.count == 2)
    let program = parts[1].prefix(upTo: try #require(parts[1].firstRange(of: "```")?.lowerBound))
    let output = program.split(separator: "\n").last?.split(separator: "  # ").last
    try withDaemon { daemon in
      let result = try run(
        "python3", ["-c", String(program)], environment: ["SESSIOND_SOCKET": daemon.socketPath])
      #expect(result.standardOutput == "\(output ?? "")\n", "\(result.standardError)")
    }
  }

  @Test("every flag of sessiond is in the table of settings, with its default, and no other is")
  func settings() throws {
    let help = try run(Programs.sessiond, ["--help"]).standardOutput
    let flags = help.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("--") }.map {
      String($0.dropFirst(2).prefix { $0 != " " })
    }.filter { !["config", "check-config", "version", "help"].contains($0) }
    #expect(flags.count >= 15)
    let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for flag in flags { #expect(rows.contains { $0.contains("`\(flag)`") }, "--\(flag)") }
  }
}

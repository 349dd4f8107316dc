import TestSupport
import Testing

@Suite("sessionctl metrics")
struct SessionctlMetricsTests {
  /// Runs `body` beside a daemon with a database that has something to tell of everything.
  private func withBusyDaemon(_ body: (DaemonProcess, TemporaryDirectory) throws -> Void) throws {
    try TemporaryDirectory.with { directory in
      let options = DaemonOptions(arguments: ["--store", "sqlite:\(directory.file("sessions.db"))"])
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      for request in [
        "SET s a 1", "TAG s t", "GET s", "GET none", "SET s", "REVOKE s", "NEW", "WATCH s", "MAP",
      ] {
        _ = try daemon.ask(request)
      }
      try body(daemon, directory)
    }
  }

  @Test("prints what METRICS says, which Prometheus's rules allow")
  func openMetrics() throws {
    try withBusyDaemon { daemon, _ in
      let text = try daemon.printed("metrics")
      let values = try OpenMetricsText(text).values
      #expect(values["sessiond_sessions"] == 1)
      #expect(values[#"sessiond_reads_total{path="socket",result="hit"}"#] == 1)
      #expect(values[#"sessiond_store_info{kind="sqlite",durability="behind"}"#] == 1)
      #expect(try #require(values[#"sessiond_memory_used_bytes{kind="records"}"#]) > 0)
    }
  }

  @Test("adds labels to each line, before its own")
  func labels() throws {
    try withBusyDaemon { daemon, _ in
      let text = try daemon.printed("metrics", "--label", "cache=shop", "--label", #"x=a"b"#)
      let values = try OpenMetricsText(text).values
      #expect(values.count > 50)
      #expect(values.keys.allSatisfy { $0.contains(#"{cache="shop",x="a\"b""#) })
      #expect(values[#"sessiond_store_up{cache="shop",x="a\"b"}"#] == 1)
    }
  }

  @Test("--prometheus prints the older format, with the same numbers")
  func prometheus() throws {
    try withBusyDaemon { daemon, _ in
      let text = try daemon.printed("metrics", "--prometheus", "--label", "cache=shop")
      #expect(text.contains("\n# TYPE sessiond_writes_total counter\n"))
      #expect(text.contains("\nsessiond_writes_total{cache=\"shop\"} 1\n"))
      #expect(text.hasPrefix("# TYPE sessiond_build_info gauge\n# HELP sessiond_build_info "))
      #expect(!text.contains("# UNIT") && !text.contains("# EOF"))
    }
  }

  @Test("promtool finds nothing wrong", .enabled(if: Promtool.path != nil, "\(Promtool.isWanted)"))
  func promtool() throws {
    try withBusyDaemon { daemon, directory in
      #expect(try Promtool.complaint(about: daemon.printed("metrics"), in: directory) == "")
      #expect(try Promtool.remarks(on: daemon.printed("metrics", "--prometheus")) == "")
      let labelled = try daemon.printed("metrics", "--prometheus", "--label", "cache=a \"shop\"")
      #expect(try Promtool.remarks(on: labelled) == "")
      // It would say so.
      #expect(try Promtool.remarks(on: "a_total 1\n") != "")
      #expect(try Promtool.complaint(about: "a{ 1\n# EOF\n", in: directory) != "")
    }
  }

  @Test("every family that the daemon tells is described in Protocol.md, with its type, and no other is")
  func described() throws {
    let document = try Files.text("\(Programs.sourceRoot)/Protocol.md")
    let section = try #require(
      document.split(separator: "\n### METRICS\n").last?.split(separator: "\n### ").first)
    var described: [String: String] = [:]
    for row in section.split(separator: "\n") where row.hasPrefix("| `sessiond_") {
      let cells = row.split(separator: " | ")
      for name in cells[0].dropFirst(2).split(separator: " ") {
        described[String(name.dropFirst().dropLast())] = String(cells[1])
      }
    }
    try withBusyDaemon { daemon, _ in
      // It says how much it was filled with once it is.
      try eventually("it is warm") { try daemon.ask("STATS").contains(#""warm":0"#) }
      #expect(try OpenMetricsText(daemon.printed("metrics")).types == described)
    }
  }

  @Test(
    "README's questions to Prometheus are good ones, about metrics that there are",
    .enabled(if: Promtool.path != nil, "\(Promtool.isWanted)"))
  func questions() throws {
    let document = try Files.text("\(Programs.sourceRoot)/README.md")
    let section = try #require(
      document.split(separator: "\n### Watch it\n").last?.split(separator: "\n## ").first)
    let questions = section.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains(" | `") }.map {
      $0.split(separator: "`")[1]
    }
    #expect(questions.count >= 10)
    try withBusyDaemon { daemon, directory in
      let metrics = try daemon.printed("metrics", "--prometheus")
      let names = questions.flatMap { $0.matches(of: /sessiond_[a-z_]+/).map(\.output) }
      for name in names { #expect(metrics.contains("\n\(name)"), "\(name)") }
      let rules = questions.enumerated().map { index, question in
        "  - record: q\(index)\n    expr: '\(question.replacing("'", with: "''"))'\n"
      }
      try Files.write("groups:\n- name: readme\n  rules:\n" + rules.joined(), to: directory.file("rules.yml"))
      let result = try run(Promtool.path!, ["check", "rules", directory.file("rules.yml")])
      #expect(result.status == .exited(0), "\(result.standardOutput)\(result.standardError)")
    }
  }

  @Test("tells what a start has taken over, as STATS does")
  func adoption() throws {
    try TemporaryDirectory.with { directory in
      var daemon = try DaemonProcess.start(in: directory, DaemonOptions())
      for index in 0..<20 { _ = try daemon.ask("SET s\(index) a 1").version }
      #expect(try OpenMetricsText(daemon.printed("metrics")).values["sessiond_adopted_sessions"] == 0)
      daemon.kill()
      daemon = try DaemonProcess.start(in: directory, DaemonOptions())
      defer { daemon.kill() }
      let values = try OpenMetricsText(daemon.printed("metrics")).values
      #expect(values["sessiond_adopted_sessions"] == 20)
      #expect(try #require(values["sessiond_adoption_seconds"]) > 0)
      #expect(try daemon.ask("STATS").contains(#""adopted":{"sessions":20,"seconds":"#))
      #expect(try daemon.printed("stats").contains("20 sessions in "))
    }
  }
}

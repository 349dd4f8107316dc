import Testing

private let document = try! Files.text("\(Programs.sourceRoot)/Protocol.md")

@Suite("Protocol.md tells the truth")
struct ProtocolDocumentTests {
  @Test("every example gives the replies that it shows", arguments: try ProtocolExample.all(in: document))
  func example(_ example: ProtocolExample) throws {
    try withDaemon { daemon in
      try example.execute(on: daemon.connect())
    }
  }

  /// What tells of the sessions in memory, and of the daemon's parts, is not the same with a store.
  private static let storedExamples = try! ProtocolExample.all(in: document).filter { $0.section != "STATS" }

  @Test(
    "every example gives the same replies with a database behind the cache",
    arguments: TestedStore.sqlite, storedExamples)
  func storedExample(_ store: TestedStore, _ example: ProtocolExample) throws {
    try TemporaryDirectory.with { directory in
      try withDaemon(DaemonOptions(arguments: store.arguments(at: directory.path))) { daemon in
        try example.execute(on: daemon.connect())
      }
    }
  }

  @Test(
    "every example gives the same replies with a Redis server behind the cache",
    .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"),
    // A server of several daemons gives sessions that are restored versions of its own.
    arguments: storedExamples.filter { $0.section != "RESTORE" })
  func sharedExample(_ example: ProtocolExample) throws {
    try TemporaryDirectory.with { directory in
      let server = try RedisServer(in: directory)
      defer { server.kill() }
      try withDaemon(DaemonOptions(arguments: TestedStore.redis.arguments(at: server.socketPath))) { daemon in
        try example.execute(on: daemon.connect())
      }
    }
  }

  @Test("every command that HELP names has a section with an example, and no other section claims one")
  func everyCommandIsDescribed() throws {
    let help = try withDaemon { try $0.ask("HELP") }
    let usages = help.dropFirst(#"OK [""#.count).dropLast(#""]"#.count)
    let commands = usages.split(separator: #"",""#).map { String($0.prefix { $0 != " " }) }
    let described = Set(try ProtocolExample.all(in: document).map(\.section))
    let sections = document.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { $0.dropFirst(4) }
    #expect(commands.count >= 33)
    #expect(Set(commands) == Set(sections.map(String.init)))
    #expect(described.isSuperset(of: commands))
  }

  @Test("every error code that an example shows is in the table of errors")
  func everyErrorCodeIsDescribed() throws {
    for example in try ProtocolExample.all(in: document) {
      for case .reply(let reply) in example.steps where reply.hasPrefix("ERR ") {
        let code = reply.split(separator: " ")[1]
        #expect(document.contains("| `\(code)` |"))
      }
    }
  }

  @Test("an example with a wrong reply is found out")
  func wrongExample() throws {
    let wrong = try ProtocolExample.all(in: "# x\n```session\n> PING\n< OK \"gnop\"\n```\n")
    #expect(wrong.count == 1)
    try withDaemon { daemon in
      let connection = try daemon.connect()
      #expect(throws: Failure.self) { try wrong[0].execute(on: connection) }
    }
  }
}

@Suite("Patterns of replies")
struct ReplyPatternTests {
  @Test(
    "placeholders match what they name, and nothing else",
    arguments: [
      ("OK {version}", "OK 12", "12"), ("OK {number}", "OK -1.5e3", ""), ("OK {any}", "OK ", ""),
      (#"OK {"v":{version},{any}}"#, #"OK {"v":7,"k":{"a":1}}"#, "7"),
      ("ERR {any} at byte {number}", "ERR x at byte 3", ""),
    ])
  func matches(pattern: String, reply: String, version: String) {
    #expect(ReplyPattern(pattern).match(reply) == version)
  }

  @Test(
    "a reply that differs does not match",
    arguments: [
      ("OK {version}", "OK x"), ("OK {version}", "OK 1 2"), ("OK {number}", "OK "), ("OK", "OK 1"),
      ("ERR syntax {any}", "ERR type x"), ("OK {any}]", "OK [1"),
    ])
  func differs(pattern: String, reply: String) {
    #expect(ReplyPattern(pattern).match(reply) == nil)
  }
}

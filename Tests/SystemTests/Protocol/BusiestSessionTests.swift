import Glibc
import Testing

@Suite("The busiest sessions of a daemon")
struct BusiestSessionTests {
  /// The ids that STATS tells of, in order; nil where it has no such member.
  private func busiest(_ reply: String) -> [String]? {
    guard let start = reply.firstRange(of: #""busiest":["#) else { return nil }
    let list = reply[start.upperBound...].prefix { $0 != "]" }
    return list.matches(of: /\{"session":"([^"]*)","count":[0-9]+\}/).map { String($0.1) }
  }

  @Test("are told in the order of their use, by connections of all threads, and shown by top")
  func told() throws {
    try withDaemon("--threads", "2") { daemon in
      // They are dealt out in turn.
      let connections = try [daemon.connect(), daemon.connect()]
      let lines = String(
        repeating: "INCR busy-one n\nGET busy-one n\nEXISTS calm-one\nGET busy-one n\n", count: 250)
      func use() throws {
        for connection in connections {
          for _ in 0..<4 { _ = try connection.exchange(Array(lines.utf8), replies: 1000) }
        }
      }
      // What a machine that stands still for long makes the daemon forget is asked for again.
      try eventually("both are told") {
        try use()
        return busiest(try connections[0].request("STATS")) == ["busy-one", "calm-one"]
      }
      try eventually("programs get them") {
        try use()
        return try daemon.printed("stats", "--json").contains(#""busiest":[{"session":"busy-one","count":"#)
      }
      try eventually("top shows them") {
        try use()
        let text = try daemon.printed("top", "--once", "--interval", "100ms")
        return text.contains("busiest sessions") && text.contains("busy-one")
      }
      #expect(!(try connections[0].request("METRICS")).contains("-one"))
      #expect(!daemon.standardError.contains("-one"))
    }
  }

  @Test(
    "are told to admins alone",
    .enabled(if: Credentials.canConnectAsStranger, "needs root, setpriv and socat, to be two users"),
    arguments: ["", "readers=\(Credentials.stranger)\n", "admins=\(Credentials.stranger)\n"])
  func roles(configuration: String) throws {
    let options = DaemonOptions(arguments: ["--socket-mode", "0666"], configuration: configuration)
    try withDaemon(options) { daemon in
      try check(chmod(daemon.directory.path, 0o711), "chmod")
      let requests = Array(repeating: "GET secret k", count: 200) + ["STATS"]
      let replies = try Credentials.askAsStranger(requests, socket: daemon.socketPath).outputLines
      try #require(replies.count == requests.count)
      let statistics = String(replies[200])
      #expect((busiest(statistics) != nil) == configuration.hasPrefix("admins"))
      #expect(statistics.contains("secret") == configuration.hasPrefix("admins"), "\(statistics)")
    }
  }
}

import Testing

// Needs socat, the client that everybody has.
@Suite("socat is a complete client", .enabled(if: Programs.has("socat")))
struct SocatTests {
  @Test("six lines through a pipe get their six replies")
  func pipe() throws {
    try withDaemon { daemon in
      let lines = #"SET s1 theme "dark"\nGET s1 theme\nMSET s1 {"a":1,"b":[true]}\nGET s1\nDEL s1\nGET s1\n"#
      let result = try run(
        "sh", ["-c", "printf '\(lines)' | socat - UNIX-CONNECT:\(daemon.socketPath)"])
      #expect(result.status == .exited(0))
      let replies = result.outputLines.map(String.init)
      try #require(replies.count == 6)
      let first = try replies[0].version
      #expect(replies[1] == #"OK "dark""#)
      #expect(try replies[2].version > first)
      #expect(replies[3...] == [#"OK {"theme":"dark","a":1,"b":[true]}"#, "OK 1", "NIL"])
    }
  }
}

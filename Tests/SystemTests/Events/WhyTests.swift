import Glibc
import Testing

@Suite("WHY tells how a session ended")
struct WhyTests {
  @Test("by whom and when it was deleted; of one that lives, or never did, nothing")
  func deleted() throws {
    try withDaemon { daemon in
      let client = try daemon.connect()
      #expect(try client.request("WHY s") == "NIL")
      _ = try client.request("SET s k 1").version
      #expect(try client.request("WHY s") == "NIL")
      #expect(try client.request("DEL s") == "OK 1")
      let why = try daemon.ask("WHY s")
      #expect(why.hasPrefix(#"OK {"ended":"deleted","at":"#))
      #expect(try why.number("uid") == Double(getuid()))
      #expect(try why.number("pid") == Double(getpid()))
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      #expect(try abs(why.number("at") - Double(now.tv_sec)) < 60)
      _ = try client.request("SET s k 1").version
      #expect(try client.request("WHY s") == "NIL")
      #expect(try client.request("FLUSH") == "OK 1")
      #expect(try client.request("WHY s").hasPrefix(#"OK {"ended":"deleted","at":"#))
    }
  }

  @Test("that its time was over, at once, and also after it was reclaimed")
  func expired() throws {
    try withDaemon("--max-lifetime", "1s") { daemon in
      let client = try daemon.connect()
      _ = try client.request("SET idle k TTL 0.05 1").version
      _ = try client.request("SET old k TTL 600 1").version
      try eventually("it ends") { try client.request("EXISTS idle") == "OK false" }
      let first = try client.request("WHY idle")
      #expect(first.hasPrefix(#"OK {"ended":"idle","at":"#) && !first.contains("uid"))
      try eventually("the other ends, too") { try client.request("EXISTS old") == "OK false" }
      #expect(try client.request("WHY old").hasPrefix(#"OK {"ended":"lifetime","at":"#))
      try eventually("both are reclaimed") { try client.request("STATS").number("sessions") == 0 }
      #expect(try client.request("WHY idle") == first)
    }
  }

  @Test("that it was revoked or renamed, and by whom")
  func loggedOut() throws {
    try withDaemon { daemon in
      let client = try daemon.connect()
      for session in ["a", "b", "c"] { _ = try client.request("SET \(session) k 1").version }
      #expect(try client.request("TAG c t") == "OK 1")
      #expect(try client.request("RENAME a new GRACE 60") == #"OK "new""#)
      #expect(try client.request("REVOKE b nobody") == "OK 1")
      #expect(try client.request("REVOKEALL t") == "OK 1")
      for (session, ended) in [("a", "renamed"), ("b", "revoked"), ("c", "revoked")] {
        let why = try client.request("WHY \(session)")
        #expect(why.hasPrefix(#"OK {"ended":"\#(ended)","at":"#))
        #expect(try why.number("pid") == Double(getpid()))
        #expect(!why.contains("new"))
      }
      #expect(try client.request("WHY new") == "NIL")
      #expect(try client.request("WHY nobody") == "NIL")
    }
  }

  @Test("the last 10,000 ends are remembered, and they take little memory")
  func many() throws {
    try withDaemon { daemon in
      let client = try daemon.connect()
      func run(_ range: Range<Int>) throws {
        let requests = range.map { "SET session-\($0) k 1\nDEL session-\($0)\n" }.joined()
        _ = try client.exchange(Array(requests.utf8), replies: 2 * range.count)
      }
      try run(0..<100)
      let before = try daemon.facts.anonymousBytes
      try run(100..<12_000)
      #expect(try daemon.facts.anonymousBytes - before < 4 << 20)
      #expect(try client.request("WHY session-1999") == "NIL")
      #expect(try client.request("WHY session-2000").hasPrefix("OK {"))
      #expect(try client.request("WHY session-11999").hasPrefix("OK {"))
    }
  }
}

import Glibc
import Testing

@Suite("sessionctl: ids, tags and ends")
struct SessionctlIdentityTests {
  // MARK: new, rename, revoke

  @Test("new begins a session under a random id, with the values and the time given")
  func new() throws {
    try withDaemon { daemon in
      let ids = try [
        daemon.printed("new"), daemon.printed("new", #"{"user": "u42", "n": [1]}"#, "--ttl", "90s"),
        daemon.printed("new", "user=\"u43\"", "n=7"),
      ].map { try #require($0.wholeMatch(of: /([A-Za-z0-9_-]{22})\n/)).1 }
      #expect(Set(ids).count == 3)
      #expect(try daemon.ask("GET \(ids[0])") == "OK {}")
      #expect(try daemon.ask("GET \(ids[1])") == #"OK {"user":"u42","n":[1]}"#)
      #expect(try daemon.ask("INFO \(ids[1])").number("idle") == 90)
      #expect(try daemon.ask("GET \(ids[2])") == #"OK {"user":"u43","n":7}"#)
      let json = try daemon.printed("new", "--json")
      #expect(json.hasPrefix("\"") && json.hasSuffix("\"\n"))
      #expect(try daemon.ask("EXISTS \(json.dropLast())") == "OK true")
      let noted = try daemon.sessionctl("new", "user=u44")
      #expect(noted.status == .exited(0))
      #expect(noted.errorLines.count == 1)
    }
  }

  @Test("rename prints the new id; the old one is closed, or can be read for the grace")
  func rename() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      #expect(try daemon.printed("rename", "s1", "s2") == "s2\n")
      #expect(try daemon.ask("GET s1 a") == "NIL")
      #expect(try daemon.ask("SET s1 a 2").errorCode == "revoked")
      let random = try daemon.printed("rename", "s2", "--grace", "1h").dropLast()
      #expect(random.count == 22)
      #expect(try daemon.ask("GET s2 a") == "OK 1")
      #expect(try daemon.ask("GET \(random) a") == "OK 1")
      let json = try daemon.printed("rename", String(random), "s 4", "--json")
      #expect(json == "\"s 4\"\n")
    }
  }

  @Test("rename onto a session that lives, or onto a closed id, changes nothing and says why")
  func renameRefused() throws {
    try withDaemon { daemon in
      let version = try daemon.ask("SET other a 2").version
      _ = try daemon.ask("SET s1 a 1").version
      let taken = try daemon.sessionctl("rename", "s1", "other")
      #expect(taken.status == .exited(4))
      #expect(taken.standardOutput.isEmpty)
      #expect(taken.errorLines.count == 1)
      #expect(taken.standardError.contains("other") && taken.standardError.contains("version \(version)"))
      _ = try daemon.ask("REVOKE closed")
      let closed = try daemon.sessionctl("rename", "s1", "closed")
      #expect(closed.status == .exited(4))
      #expect(closed.standardError.contains("revoked"))
      #expect(try daemon.ask("GET s1 a") == "OK 1")
    }
  }

  @Test("revoke ends sessions, closes ids that have none, and counts those that lived")
  func revoke() throws {
    try withDaemon { daemon in
      for id in ["s1", "s2"] { _ = try daemon.ask("SET \(id) a 1").version }
      #expect(try daemon.printed("revoke", "s1", "s2", "s3") == "2\n")
      for id in ["s1", "s2", "s3"] { #expect(try daemon.ask("SET \(id) a 1").errorCode == "revoked") }
      #expect(try daemon.printed("revoke", "s1") == "0\n")
      let late = try daemon.sessionctl("set", "s1", "a", "1")
      #expect(late.status == .exited(4))
      #expect(late.standardError.contains("revoked"))
    }
  }

  // MARK: Tags

  @Test("tags are given and taken, and counted")
  func tags() throws {
    try withDaemon { daemon in
      _ = try daemon.ask("SET s1 a 1").version
      #expect(try daemon.printed("tag", "s1", "user:42", "beta", "beta") == "2\n")
      #expect(try daemon.printed("tag", "s1", "beta", "é à") == "1\n")
      #expect(try daemon.ask("INFO s1").contains(#""tags":["user:42","beta","é à"]"#))
      #expect(try daemon.printed("info", "s1").contains("user:42, beta, é à"))
      #expect(try daemon.printed("untag", "s1", "beta", "gamma") == "1\n")
      #expect(try daemon.printed("untag", "s1", "beta") == "0\n")
      let many = try daemon.sessionctl(["tag", "s1"] + (0..<63).map { "t\($0)" })
      #expect(many.status == .exited(4))
      #expect(many.standardError.contains("64"))
      let long = try daemon.sessionctl("tag", "s1", String(repeating: "x", count: 256))
      #expect(long.status == .exited(2))
      #expect(try daemon.ask("INFO s1").contains(#""tags":["user:42","é à"]"#))
    }
  }

  @Test("tagged prints all pages, or as many ids as are wanted, and goes on behind one")
  func tagged() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      let ids = (0..<2500).map { "s\($0)" }
      for id in ids { try connection.send("SET \(id) a 1\nTAG \(id) all\n") }
      for _ in 0..<ids.count * 2 { _ = try connection.reply() }
      let all = try daemon.printed("tagged", "all").split(separator: "\n").map(String.init)
      #expect(all.count == ids.count)
      #expect(Set(all) == Set(ids))

      let some = try daemon.sessionctl("tagged", "all", "--limit", "1200")
      #expect(some.status == .exited(0))
      #expect(some.outputLines.map(String.init) == Array(all[..<1200]))
      #expect(some.errorLines.count == 1)
      #expect(some.standardError.contains("--after \(all[1199])"))
      let rest = try daemon.printed("tagged", "all", "--after", all[1199])
      #expect(rest.split(separator: "\n").map(String.init) == Array(all[1200...]))
      #expect(try daemon.printed("tagged", "all", "--limit", "2500").split(separator: "\n").count == 2500)

      let json = try daemon.printed("tagged", "all", "--after", all[2497], "--json")
      #expect(json == "[\"\(all[2498])\",\"\(all[2499])\"]\n")
      #expect(try daemon.printed("tagged", "none") == "")
      #expect(try daemon.printed("tagged", "none", "--json") == "[]\n")
    }
  }

  @Test("revoke-all ends every session of a tag, and no other")
  func revokeAll() throws {
    try withDaemon { daemon in
      for index in 0..<30 {
        _ = try daemon.ask("SET s\(index) a 1").version
        _ = try daemon.ask("TAG s\(index) user:\(index % 3)")
      }
      #expect(try daemon.printed("revoke-all", "user:1") == "10\n")
      #expect(try daemon.printed("revoke-all", "user:1") == "0\n")
      #expect(try daemon.ask("SET s1 a 1").errorCode == "revoked")
      #expect(try daemon.ask("STATS").number("sessions") == 20)
    }
  }

  // MARK: why

  @Test("why says in a sentence how a session ended, when, and who did it")
  func why() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      for line in [
        "SET idle a TTL 0.02 1", "SET deleted a 1", "SET revoked a 1", "SET renamed a 1", "SET lives a 1",
        "DEL deleted", "REVOKE revoked", "RENAME renamed secret7 GRACE 60",
      ] {
        #expect(try connection.request(line).hasPrefix("OK "), "\(line)")
      }
      try eventually("its time is over") { try connection.request("EXISTS idle") == "OK false" }
      let user = "(user \(getuid()), process \(getpid()))"
      for (id, words) in [
        ("idle", ["ended", "nobody had used it"]), ("deleted", ["was deleted", user]),
        ("revoked", ["was revoked", user]), ("renamed", ["was renamed", "another id"]),
      ] {
        let sentence = try daemon.printed("why", id)
        #expect(sentence.hasPrefix("\(id) "), "\(sentence)")
        for word in words { #expect(sentence.contains(word), "\(sentence)") }
        // Who may ask why need not know the new id.
        #expect(!sentence.contains("secret7"))
      }
      #expect(try "OK " + daemon.printed("why", "deleted", "--json") == daemon.ask("WHY deleted") + "\n")
      #expect(try "OK " + daemon.printed("why", "idle", "--json") == daemon.ask("WHY idle") + "\n")
      for (id, word) in [("lives", "has not ended"), ("nobody", "no end of it")] {
        let unknown = try daemon.sessionctl("why", id)
        #expect(unknown.status == .exited(1))
        #expect(unknown.standardOutput.isEmpty)
        #expect(unknown.standardError.contains(word))
      }
    }
  }

  // MARK: Wrong usage

  @Test(
    "no such session: status 1, one line that names it",
    arguments: [
      ["rename", "nobody"], ["tag", "nobody", "t"], ["untag", "nobody", "t"], ["why", "nobody"],
    ])
  func missing(arguments: [String]) throws {
    try withDaemon { daemon in
      let result = try daemon.sessionctl(arguments)
      #expect(result.status == .exited(1))
      #expect(result.errorLines.count == 1)
      #expect(result.standardError.contains("nobody"))
    }
  }

  @Test(
    "a command line that makes no sense: status 2, and nothing is changed",
    arguments: [
      ["new", "{"], ["new", "word"], ["new", "a=1", "--ttl", "never"], ["rename"], ["rename", "s1", ""],
      ["rename", "s1", "--grace", "soon"], ["rename", "s1", "--grace", "0"], ["rename", "s1", "a", "b"],
      ["revoke"], ["revoke", "s1", "a\nb"], ["revoke-all"], ["revoke-all", "t", "u"], ["revoke-all", ""],
      ["tag", "s1"], ["tag", "s1", ""], ["untag", "s1"], ["tagged"], ["tagged", "t", "--limit", "0"],
      ["tagged", "t", "--limit", "x"], ["why"],
    ])
  func usage(arguments: [String]) throws {
    try withDaemon { daemon in
      let version = try daemon.ask("SET s1 a 1").version
      let result = try daemon.sessionctl(arguments)
      #expect(result.status == .exited(2), "\(result.standardError)")
      #expect(!result.standardError.isEmpty)
      #expect(result.standardOutput.isEmpty)
      #expect(try daemon.ask("INFO s1").number("version") == Double(version))
      #expect(try daemon.ask("STATS").number("sessions") == 1)
    }
  }
}

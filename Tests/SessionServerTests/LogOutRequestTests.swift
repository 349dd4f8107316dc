import Testing

@testable import SessionServer

@Suite("A request of log-in or log-out")
struct LogOutRequestTests {
  /// Every request that would change the session `s`, or begin it.
  private static let changes = [
    "SET s k 2", "SET s k IF 0 2", "SET s k IF 99 2", "MSET s {}", "INCR s n", "EXPIRE s 50", "TAG s t",
    "UNTAG s t", "RENAME s", "RENAME s other", "RENAME other s", "DEL s k", "TOUCH s",
    #"RESTORE {"session":"s"}"#,
  ]

  private func id(_ reply: String) throws -> String {
    try #require(reply.hasPrefix("OK \"") && reply.hasSuffix("\""), "\(reply)")
    return String(reply.dropFirst(4).dropLast())
  }

  @Test("NEW makes a session under an id that nobody can guess, with the keys and the time to live given")
  func new() throws {
    let dialogue = try Dialogue()
    var ids: Set<String> = []
    for _ in 0..<200 {
      let id = try id(dialogue.ask("NEW"))
      #expect(id.utf8.count == 22)
      #expect(
        id.utf8.allSatisfy { $0 == 45 || $0 == 95 || (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
      )
      #expect(dialogue.ask("GET \(id)") == "OK {}")
      ids.insert(id)
    }
    #expect(ids.count == 200)
    let id = try id(dialogue.ask(#"NEW TTL 60 {"a":1,"b":[2],"a":3}"#))
    #expect(dialogue.ask("GET \(id)") == #"OK {"a":3,"b":[2]}"#)
    #expect(dialogue.ask("TTL \(id)") == "OK 60")
    #expect(dialogue.ask("WHY \(id)") == "NIL")
  }

  @Test("NEW that finds no room is refused as a SET would be")
  func newWhenFull() throws {
    let dialogue = try Dialogue(cache: makeCache(sessionBytesMost: 4096, keysMost: 2))
    #expect(dialogue.ask(#"NEW {"a":1,"b":2,"c":3}"#).hasPrefix("ERR too-large "))
    #expect(
      dialogue.ask("NEW {\"a\":\"\(String(repeating: "x", count: 5000))\"}").hasPrefix("ERR too-large "))
    let value = "\"\(String(repeating: "x", count: 3500))\""
    var reply = ""
    for _ in 0..<5000 {
      reply = dialogue.ask("NEW {\"a\":\(value)}")
      if reply.hasPrefix("ERR ") { break }
    }
    #expect(reply.hasPrefix("ERR full "))
  }

  @Test("RENAME gives a session another id, with data, tags, age and idle time, and a new version")
  func rename() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask(#"MSET s TTL 60 {"b":1,"a":2}"#)
    _ = dialogue.ask("TAG s x y")
    let before = dialogue.ask("DUMP s")
    dialogue.clock.advance(seconds: 30)
    let renamed = try id(dialogue.ask("RENAME s"))
    #expect(renamed.utf8.count == 22)
    #expect(dialogue.ask("GET s") == "NIL")
    #expect(dialogue.ask("PEEK \(renamed)") == #"OK {"b":1,"a":2}"#)
    #expect(dialogue.ask("TTL \(renamed)") == "OK 60")
    let after = dialogue.ask("DUMP \(renamed)")
    for member in [#""idle":60"#, #""tags":["x","y"]"#] { #expect(after.contains(member)) }
    #expect(try number("created", in: after) == number("created", in: before))
    #expect(try number("version", in: after) > number("version", in: before))
    #expect(dialogue.ask("RENAME \(renamed) \"new id\"") == #"OK "new id""#)
    #expect(dialogue.ask(#"GET "new id" a"#) == "OK 2")
    #expect(dialogue.ask("TAGGED x") == #"OK ["new id"]"#)
    #expect(dialogue.ask("STATS").contains(#""sessions":1,"#))
  }

  @Test("RENAME of no session is NIL, and onto a session, its own id too, a conflict with its version")
  func renameRefused() throws {
    let dialogue = try Dialogue()
    let version = try #require(dialogue.version("SET s k 1"))
    let other = try #require(dialogue.version("SET other k 2"))
    #expect(dialogue.ask("RENAME nobody") == "NIL")
    #expect(dialogue.ask("RENAME nobody other") == "NIL")
    #expect(dialogue.ask("RENAME s other") == "ERR conflict current version \(other)")
    #expect(dialogue.ask("RENAME s s GRACE 5") == "ERR conflict current version \(version)")
    #expect(dialogue.ask("GET s k") == "OK 1")
    #expect(dialogue.ask("GET other k") == "OK 2")
    #expect(dialogue.ask("WHY s") == "NIL")
  }

  @Test("that changes a session which was renamed or revoked is refused, and begins none")
  func lateChanges() throws {
    for end in ["RENAME s away", "REVOKE s"] {
      let dialogue = try Dialogue()
      _ = dialogue.ask(#"MSET s TTL 100 {"k":1}"#)
      _ = dialogue.ask("SET other k 1")
      _ = dialogue.ask(end)
      for change in Self.changes {
        let reply = dialogue.ask(change)
        #expect(reply.hasPrefix("ERR revoked "), "\(end), \(change): \(reply)")
      }
      #expect(dialogue.ask("DEL s") == "OK 0")
      for read in ["GET s", "PEEK s k", "MGET s k", "TTL s", "INFO s", "DUMP s"] {
        #expect(dialogue.ask(read) == "NIL", "\(read)")
      }
      #expect(dialogue.ask("EXISTS s") == "OK false")
      // The mark lasts as long as the session could have lived, and nothing slides it.
      dialogue.clock.advance(seconds: 99.9)
      #expect(dialogue.ask("SET s k 2").hasPrefix("ERR revoked "))
      dialogue.clock.advance(seconds: 0.2)
      #expect(dialogue.version("SET s k 2") != nil)
    }
  }

  @Test("RENAME with GRACE leaves the old id readable for so long, and for nothing but reading")
  func grace() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask(#"MSET s TTL 100 {"k":1}"#)
    _ = dialogue.ask("SET other k 1")
    #expect(dialogue.ask("RENAME s new GRACE 10") == #"OK "new""#)
    for read in ["GET %", "GET % k", "GET % x", "PEEK %", "MGET % k", "EXISTS %", "TTL %", "INFO %"] {
      #expect(
        dialogue.ask(read.replacing("%", with: "s")) == dialogue.ask(read.replacing("%", with: "new")),
        "\(read)")
    }
    #expect(dialogue.ask("DUMP s") == "NIL")
    #expect(dialogue.ask("WHY s").hasPrefix(#"OK {"ended":"renamed","at":"#))
    for change in Self.changes where change != "TOUCH s" {
      #expect(dialogue.ask(change).hasPrefix("ERR revoked "), "\(change)")
    }
    #expect(dialogue.ask("DEL s").hasPrefix("ERR revoked "))
    // A read slides the session that it is for.
    dialogue.clock.advance(seconds: 9)
    #expect(dialogue.ask("TTL new") == "OK 91")
    #expect(dialogue.ask("TOUCH s new") == "OK 2")
    #expect(dialogue.ask("TTL new") == "OK 100")
    dialogue.clock.advance(seconds: 0.9)
    #expect(dialogue.ask("GET s k") == "OK 1")
    #expect(dialogue.ask("TTL new") == "OK 100")
    dialogue.clock.advance(seconds: 0.2)
    #expect(dialogue.ask("GET s k") == "NIL")
    #expect(dialogue.ask("TOUCH s").hasPrefix("ERR revoked "))
    #expect(dialogue.ask("SET s k 2").hasPrefix("ERR revoked "))
    #expect(dialogue.ask("GET new k") == "OK 1")
    dialogue.clock.advance(seconds: 90)
    #expect(dialogue.version("SET s k 2") != nil)
    #expect(dialogue.ask("GET new k") == "OK 1")
  }

  @Test("REVOKE ends sessions, marks each id, and counts the sessions that lived")
  func revoke() throws {
    let dialogue = try Dialogue()
    for name in ["a", "b", "c"] { _ = dialogue.ask("SET \(name) k 1") }
    #expect(dialogue.ask("REVOKE a nobody b a") == "OK 2")
    #expect(dialogue.ask("REVOKE a nobody") == "OK 0")
    #expect(dialogue.ask("GET c k") == "OK 1")
    for name in ["a", "b", "nobody"] { #expect(dialogue.ask("SET \(name) k 2").hasPrefix("ERR revoked ")) }
    #expect(dialogue.ask("WHY a").contains(#""ended":"revoked""#))
    #expect(dialogue.ask("WHY a").hasSuffix(#""uid":1000,"pid":1}"#))
    #expect(dialogue.ask("WHY nobody") == "NIL")
    #expect(dialogue.ask("LIST") == #"OK {"sessions":["c"],"next":null}"#)
    #expect(dialogue.ask("STATS").contains(#""sessions":1,"#))
    // NEW and other ids are unaffected.
    #expect(dialogue.ask("NEW").hasPrefix("OK "))
    #expect(dialogue.version("SET d k 1") != nil)
  }

  @Test("REVOKE of 1,024 ids is done in slices, the next line waits, and each session counts once")
  func revokeMany() throws {
    let dialogue = try Dialogue()
    for number in 0..<500 { _ = dialogue.ask("SET s\(number) k 1") }
    let ids = (0..<1024).map { "s\($0 % 600)" }.joined(separator: " ")
    let first = dialogue.take("REVOKE \(ids)\nEXISTS s1\n".utf8)
    #expect(first == (.requestIsLong, ""))
    #expect(dialogue.run([]).reply == "OK 500\nOK false\n")
    for number in [0, 499, 599] { #expect(dialogue.ask("SET s\(number) k 1").hasPrefix("ERR revoked ")) }
    #expect(dialogue.version("SET s600 k 1") != nil)
    #expect(dialogue.ask("STATS").contains(#""REVOKE":{"count":1,"errors":0,"#))
    #expect(dialogue.ask("WHY s7").hasSuffix(#""uid":1000,"pid":1}"#))
  }

  @Test("REVOKE of many ids in a full cache revokes what it can, and is counted and told as full")
  func revokeManyWhenFull() throws {
    let dialogue = try Dialogue(cache: makeCache(bytes: 4 << 20, sessionBytesMost: 4096))
    _ = dialogue.ask("SET s k 1")
    let name = { (round: Int, number: Int) in "n\(round)-\(number)-" + String(repeating: "n", count: 200) }
    var reply = ""
    var rounds = 0
    while rounds < 200, !reply.hasPrefix("ERR ") {
      reply = dialogue.ask("REVOKE " + (0..<1000).map { name(rounds, $0) }.joined(separator: " "))
      rounds += 1
    }
    #expect(reply.hasPrefix("ERR full "))
    #expect(!reply.contains("nothing was changed"))
    let (full, statistics) = (dialogue.timesFull, dialogue.ask("STATS"))
    #expect(full == 1 && statistics.contains(#","full":1,"#))
    #expect(statistics.contains("\"REVOKE\":{\"count\":\(rounds),\"errors\":1,"))
    // Behind those that have no room a session that lives is revoked all the same.
    let last = dialogue.ask("REVOKE " + (0..<100).map { name(rounds, $0) }.joined(separator: " ") + " s")
    #expect(last.hasPrefix("ERR full "))
    #expect(dialogue.ask("EXISTS s") == "OK false")
    #expect(dialogue.ask("SET s k 1").hasPrefix("ERR revoked "))
  }

  @Test("REVOKE of an id with a grace ends the session that it stands for")
  func revokeAlias() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    _ = dialogue.ask("RENAME s new GRACE 60")
    #expect(dialogue.ask("REVOKE s") == "OK 1")
    for name in ["s", "new"] {
      #expect(dialogue.ask("GET \(name)") == "NIL")
      #expect(dialogue.ask("SET \(name) k 2").hasPrefix("ERR revoked "))
    }
  }

  @Test("TOUCH keeps alive what lives, and tells of a mark among the ids")
  func touch() throws {
    let dialogue = try Dialogue()
    for name in ["a", "b", "c"] { _ = dialogue.ask("SET \(name) k TTL 100 1") }
    _ = dialogue.ask("REVOKE b")
    dialogue.clock.advance(seconds: 50)
    #expect(dialogue.ask("TOUCH a b nobody c").hasPrefix("ERR revoked "))
    #expect(dialogue.ask("TTL a") == "OK 100")
    #expect(dialogue.ask("TTL c") == "OK 100")
  }

  @Test("REVOKE finds room for the mark of a session in a full cache, and says where there is none")
  func revokeWhenFull() throws {
    let dialogue = try Dialogue(cache: makeCache(bytes: 4 << 20, sessionBytesMost: 4096))
    var names: [String] = []
    for size in [3500, 300, 10] {
      let value = "\"\(String(repeating: "x", count: size))\""
      for number in 0..<100_000 {
        let name = "s\(size)-\(number)"
        if dialogue.ask("SET \(name) k \(value)").hasPrefix("ERR full ") { break }
        names.append(name)
      }
    }
    let stranger = String(repeating: "n", count: 200)
    let refused = dialogue.ask("REVOKE \(names[0]) \(stranger) \(names[1])")
    // The first revocation may leave room for the stranger's mark.
    #expect(refused.hasPrefix("ERR full ") || refused == "OK 2", "\(refused)")
    for name in names.prefix(2) { #expect(dialogue.ask("SET \(name) k 1").hasPrefix("ERR revoked ")) }
    for name in names.dropFirst(2) { #expect(dialogue.ask("REVOKE \(name)") == "OK 1", "\(name)") }
  }

  @Test("REVOKEALL ends every session with a tag, in slices, and no other; other lines wait for it")
  func revokeAll() throws {
    let dialogue = try Dialogue(cache: makeCache(bytes: 16 << 20, shards: 8))
    for number in 0..<5000 {
      _ = dialogue.ask("SET s\(number) k 1")
      _ = dialogue.ask("TAG s\(number) \(number % 10 == 0 ? "other" : "user:7") all")
    }
    let first = dialogue.take("REVOKEALL user:7\nGET s1 k\nGET s10 k\n".utf8)
    #expect(first.pause == .requestIsLong)
    #expect(first.reply.isEmpty)
    var (pause, reply) = (first.pause, "")
    var slices = 0
    while pause == .requestIsLong, slices < 1000 {
      let step = dialogue.goOn()
      (pause, reply) = (step.pause, reply + step.reply)
      slices += 1
    }
    #expect(slices > 1)
    #expect(reply == "OK 4500\nNIL\nOK 1\n")
    #expect(dialogue.ask("REVOKEALL user:7") == "OK 0")
    #expect(dialogue.ask("TAGGED user:7") == "OK []")
    #expect(dialogue.ask("SET s1 k 1").hasPrefix("ERR revoked "))
    #expect(dialogue.ask("WHY s1").contains(#""ended":"revoked""#))
    #expect(dialogue.ask("STATS").contains(#""sessions":500,"#))
    #expect(dialogue.ask("STATS").contains(#""REVOKEALL":{"count":2,"errors":0,"#))
  }

  /// The number of a member in a reply.
  private func number(_ member: String, in reply: String) throws -> Double {
    let rest = try #require(reply.split(separator: "\"\(member)\":").dropFirst().first)
    return try #require(Double(rest.prefix { $0.isNumber || $0 == "." }))
  }
}

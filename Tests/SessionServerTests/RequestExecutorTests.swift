import SessionCache
import SessionSegment
import SessionWire
import Synchronization
import Testing

@testable import SessionServer

@Suite("A request")
struct RequestExecutorTests {
  @Test("of each kind is answered as the protocol says")
  func transcript() throws {
    let dialogue = try Dialogue()
    let first = try #require(dialogue.version(#"SET s1 theme "dark""#))
    #expect(dialogue.ask("GET s1 theme") == #"OK "dark""#)
    let second = try #require(dialogue.version(#"MSET s1 { "a" : 1, "b" : [ true ] }"#))
    #expect(second > first)
    #expect(dialogue.ask("GET s1") == #"OK {"theme":"dark","a":1,"b":[true]}"#)
    #expect(dialogue.ask("DEL s1") == "OK 1")
    #expect(dialogue.ask("GET s1") == "NIL")
    #expect(dialogue.ask("DEL s1") == "OK 0")
  }

  @Test("that reads answers NIL for no such session and no such key")
  func nothingThere() throws {
    let dialogue = try Dialogue()
    for request in ["GET s", "GET s k", "PEEK s", "PEEK s k", "MGET s k", "TTL s", "INFO s"] {
      #expect(dialogue.ask(request) == "NIL", "\(request)")
    }
    #expect(dialogue.ask("EXISTS s") == "OK false")
    #expect(dialogue.ask("EXPIRE s 5") == "OK false")
    #expect(dialogue.ask("TOUCH s t") == "OK 0")
    #expect(dialogue.ask("DEL s k") == "OK 0")
    #expect(dialogue.ask("LIST") == #"OK {"sessions":[],"next":null}"#)
    _ = dialogue.ask("MSET s {}")
    #expect(dialogue.ask("GET s") == "OK {}")
    #expect(dialogue.ask("GET s k") == "NIL")
    #expect(dialogue.ask("MGET s k") == "OK {}")
    #expect(dialogue.ask("EXISTS s") == "OK true")
  }

  @Test("for several keys is answered in the session's order")
  func severalKeys() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask(#"MSET s {"a":1,"b":2,"c":3,"b":4}"#)
    #expect(dialogue.ask("MGET s c x a") == #"OK {"a":1,"c":3}"#)
    #expect(dialogue.ask("SET s a 5").hasPrefix("OK "))
    #expect(dialogue.ask("GET s") == #"OK {"a":5,"b":4,"c":3}"#)
    #expect(dialogue.ask("DEL s a c x a") == "OK 2")
    #expect(dialogue.ask("GET s") == #"OK {"b":4}"#)
  }

  @Test("gives names back in quotes that read as they were")
  func quotedNames() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask(#"SET "a \"b\"" "c\\d" 1"#)
    #expect(dialogue.ask(#"GET "a \"b\"""#) == #"OK {"c\\d":1}"#)
    #expect(dialogue.ask("LIST") == #"OK {"sessions":["a \"b\""],"next":null}"#)
  }

  @Test("with IF changes the session only if it has that version")
  func conditions() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.ask("SET s k IF 7 1") == "ERR conflict current version 0")
    let version = try #require(dialogue.version("SET s k IF 0 1"))
    #expect(dialogue.ask("SET s k IF 0 2") == "ERR conflict current version \(version)")
    #expect(dialogue.ask(#"MSET s IF 0 {"k":2,"l":2}"#) == "ERR conflict current version \(version)")
    #expect(dialogue.ask("GET s") == #"OK {"k":1}"#)
    let next = try #require(dialogue.version("SET s k IF \(version) 3"))
    #expect(next > version)
    #expect(dialogue.ask("GET s k") == "OK 3")
  }

  @Test("that counts starts at 0 and refuses what it can't count")
  func counting() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.ask("INCR s n") == "OK 1")
    #expect(dialogue.ask("INCR s n -11") == "OK -10")
    #expect(dialogue.ask("INCR s m 9223372036854775807") == "OK 9223372036854775807")
    #expect(dialogue.ask("INCR s m").hasPrefix("ERR type "))
    #expect(dialogue.ask("GET s m") == "OK 9223372036854775807")
    #expect(dialogue.ask("INCR s low -9223372036854775808") == "OK -9223372036854775808")
    #expect(dialogue.ask("INCR s low -1").hasPrefix("ERR type "))
    for value in ["1.5", "\"x\"", "1e3", "true", "9223372036854775808", "[1]"] {
      _ = dialogue.ask("SET s v \(value)")
      #expect(dialogue.ask("INCR s v").hasPrefix("ERR type "), "\(value)")
      #expect(dialogue.ask("GET s v") == "OK \(value)")
    }
  }

  @Test("slides the time to live if it reads or writes, and not if it only looks")
  func sliding() throws {
    let slides = [
      "GET s", "GET s k", "MGET s k", "SET s k 1", #"MSET s {"k":1}"#, "INCR s n", "TOUCH s", "DEL s x k",
    ]
    let looks = [
      "PEEK s", "PEEK s k", "EXISTS s", "TTL s", "INFO s", "LIST", "STATS", "METRICS", "DEL other",
    ]
    for (requests, remaining) in [(slides, "OK 10"), (looks, "OK 6")] {
      for request in requests {
        let dialogue = try Dialogue()
        _ = dialogue.ask("SET s k TTL 10 0")
        dialogue.clock.advance(seconds: 4)
        #expect(dialogue.ask("TTL s") == "OK 6")
        #expect(!dialogue.ask(request).hasPrefix("ERR"))
        #expect(dialogue.ask("TTL s") == remaining, "\(request)")
      }
    }
  }

  @Test("sees a session until its time is over, and not after")
  func expiry() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    #expect(dialogue.ask("TTL s") == "OK 600")
    #expect(dialogue.ask("EXPIRE s 2.5") == "OK true")
    dialogue.clock.advance(seconds: 2.25)
    #expect(dialogue.ask("TTL s") == "OK 0.25")
    dialogue.clock.advance(seconds: 0.25)
    #expect(dialogue.ask("GET s k") == "NIL")
    #expect(dialogue.ask("INCR s k") == "OK 1")
  }

  @Test("for a session's facts gets them in JSON")
  func information() throws {
    let dialogue = try Dialogue()
    let version = try #require(dialogue.version(#"MSET s TTL 90.5 {"a":1,"b":2}"#))
    let created = MovedClock.wallClockAhead + dialogue.clock.now
    dialogue.clock.advance(seconds: 30.25)
    let reply = dialogue.ask("INFO s")
    let start =
      #"OK {"version":\#(version),"ttl":60.25,"idle":90.5,"created":\#(created / 1_000_000_000),"keys":2,"#
    #expect(reply.hasPrefix(start + #""bytes":"#), "\(reply)")
    #expect(reply.hasSuffix(#","tags":[]}"#))
  }

  @Test("that would make a session too large changes nothing")
  func tooLarge() throws {
    let dialogue = try Dialogue(cache: makeCache(sessionBytesMost: 2000, keysMost: 3))
    _ = dialogue.ask("SET s k 1")
    let value = "\"" + String(repeating: "x", count: 2000) + "\""
    for request in [
      "SET s k \(value)", "SET s l \(value)", #"MSET s {"a":1,"b":\#(value)}"#, "SET new k \(value)",
    ] {
      #expect(dialogue.ask(request).hasPrefix("ERR too-large "))
    }
    #expect(dialogue.ask(#"MSET s {"a":1,"b":2,"c":3}"#).hasPrefix("ERR too-large "))
    #expect(dialogue.ask("GET s") == #"OK {"k":1}"#)
    #expect(dialogue.ask("EXISTS new") == "OK false")
    #expect(dialogue.ask(#"MSET s {"k":1,"b":2,"c":3}"#).hasPrefix("OK "))
  }

  @Test("that finds the cache full is refused and counted, and reads go on")
  func full() throws {
    let dialogue = try Dialogue(cache: makeCache(bytes: 0))
    let value = "\"" + String(repeating: "x", count: 10_000) + "\""
    var written = 0
    while dialogue.ask("SET s\(written) k \(value)").hasPrefix("OK"), written < 1000 { written += 1 }
    #expect((1..<1000).contains(written))
    #expect(dialogue.timesFull == 1)
    #expect(dialogue.ask("SET s\(written) k \(value)").hasPrefix("ERR full "))
    #expect(dialogue.timesFull == 2)
    #expect(dialogue.ask("EXISTS s\(written)") == "OK false")
    #expect(dialogue.ask("GET s0 k") == "OK \(value)")
    #expect(dialogue.ask("STATS").contains(#""full":2,"#))
    #expect(dialogue.ask("DEL s0") == "OK 1")
    #expect(dialogue.ask("SET s\(written) k \(value)").hasPrefix("OK "))
  }

  @Test("that asks for everybody's sessions wants an admin")
  func roles() throws {
    let dialogue = try Dialogue(role: .app)
    _ = dialogue.ask("SET s k 1")
    for request in ["LIST", "LIST MATCH s", "FLUSH"] {
      #expect(dialogue.ask(request).hasPrefix("ERR denied "), "\(request)")
    }
    #expect(dialogue.ask("GET s k") == "OK 1")
    #expect(dialogue.ask("HELLO").hasSuffix(#""protocol":1,"role":"app"}"#))
    #expect(dialogue.ask("STATS").contains(#""LIST":{"count":2,"errors":2,"#))
  }

  @Test("for the daemon's name, its commands, and a sign of life is answered")
  func aboutTheDaemon() throws {
    let dialogue = try Dialogue()
    #expect(
      dialogue.ask("HELLO 1") == #"OK {"server":"sessiond","version":"9.8.7","protocol":1,"role":"admin"}"#)
    #expect(dialogue.ask("PING") == #"OK "pong""#)
    let help = dialogue.ask("HELP")
    for command in Command.allCases { #expect(help.contains("\"\(command.usage)\"")) }
    #expect(dialogue.take("QUIT\n".utf8) == (.closing, "OK\n"))
  }

  @Test("that drops keys removes them in the change that writes the others; what is dropped and set stays")
  func drops() throws {
    let dialogue = try Dialogue()
    let first = try #require(dialogue.version(#"MSET s {"a":1,"b":2,"c":3,"d":4}"#))
    let version = try #require(
      dialogue.version(#"MSET s IF \#(first) DROP a DROP nothing DROP c {"e":5,"c":6}"#))
    #expect(version > first)
    #expect(dialogue.ask("GET s") == #"OK {"b":2,"c":6,"d":4,"e":5}"#)
    #expect(dialogue.ask("INFO s").contains(#""keys":4,"#))
    #expect(dialogue.version("MSET s DROP b DROP c DROP d DROP e {}") != nil)
    #expect(dialogue.ask("GET s") == "OK {}")
    #expect(dialogue.ask("MSET s IF 7 DROP x {}").hasPrefix("ERR conflict "))
    #expect(dialogue.version(#"MSET new DROP a {"b":1}"#) != nil)
    #expect(dialogue.ask("GET new") == #"OK {"b":1}"#)
    #expect(dialogue.version(#"MSET empty DROP a {}"#) != nil)
    #expect(dialogue.ask("GET empty") == "OK {}")
  }

  @Test("for a listing gets each session once, page by page")
  func listing() throws {
    let dialogue = try Dialogue()
    for number in 0..<25 { _ = dialogue.ask("SET user:\(number) k 1") }
    _ = dialogue.ask("SET other k 1")
    var ids: [String] = []
    var request = "LIST MATCH user: LIMIT 10"
    for _ in 0..<10 {
      let reply = dialogue.ask(request)
      let parts = reply.dropFirst(#"OK {"sessions":["#.count).split(
        separator: "]", omittingEmptySubsequences: false)
      ids += parts[0].split(separator: ",").map { String($0.dropFirst().dropLast()) }
      let next = parts[1].dropFirst(#","next":"#.count).dropLast()
      if next == "null" { break }
      request = "LIST MATCH user: LIMIT 10 AFTER \(next)"
    }
    #expect(Set(ids) == Set((0..<25).map { "user:\($0)" }))
    #expect(ids.count == 25)
  }

  @Test("that comes while the daemon goes down is refused and not executed", arguments: Command.allCases)
  func stopping(command: Command) throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    dialogue.executor.isStopping = true
    let arguments: [Command: String] = [
      .get: " s", .peek: " s", .mget: " s k", .set: " s k 2", .mset: " s {}", .del: " s", .incr: " s k",
      .exists: " s", .ttl: " s", .expire: " s 5", .touch: " s", .info: " s", .reads: " 5",
      .rename: " s", .revoke: " s", .revokeAll: " t", .tag: " s t", .untag: " s t", .tagged: " t",
      .watch: " s", .why: " s", .dump: " s", .restore: #" {"session":"s"}"#,
    ]
    #expect(dialogue.ask(command.name + (arguments[command] ?? "")).hasPrefix("ERR stopping "))
    #expect(dialogue.ask("NOSUCH").hasPrefix("ERR unknown "))
    dialogue.executor.isStopping = false
    #expect(dialogue.ask("PEEK s") == #"OK {"k":1}"#)
  }

  @Test("is counted with what came of it")
  func counted() throws {
    let dialogue = try Dialogue()
    for request in [
      "SET s k 1", "SET s k x", "SET s k IF 0 1", "MSET s {}", "GET s", "GET s k", "GET s x", "GET y",
      "PEEK s",
      "PEEK y", "MGET s k", "NOSUCH", "INCR s k", "",
    ] { _ = dialogue.ask(request) }
    try dialogue.ledger.admit(7)
    let statistics = dialogue.ask("STATS")
    #expect(
      statistics.hasPrefix(
        #"OK {"version":"9.8.7","pid":4711,"uptime":12.345,"sessions":1,"memory":{"limit":"#))
    #expect(
      statistics.contains(
        #""hits":4,"misses":3,"sets":2,"expired":0,"full":0,"evicted":{"expired":0,"untagged":0,"tagged":0},"#
      ))
    #expect(statistics.contains(#""connections":{"current":1,"accepted":1,"refused":0,"dropped":0}"#))
    #expect(statistics.contains(#""SET":{"count":3,"errors":2,"mean":0,"p50":0,"p99":0,"max":0}"#))
    #expect(statistics.contains(#""GET":{"count":4,"errors":0,"#))
    #expect(!statistics.contains(#""FLUSH""#))
    // One JSON value, as the protocol's own reader sees it.
    #expect(dialogue.ask("SET s stats \(statistics.dropFirst(3))").hasPrefix("OK "))
    #expect(dialogue.statistics.unknown.load(ordering: .relaxed) == 2)
  }

  @Test("to flush is counted once, when it is done")
  func flushCounted() throws {
    let dialogue = try Dialogue(cache: makeCache(shards: 128))
    #expect(dialogue.take("FLUSH\n".utf8).pause == .requestIsLong)
    dialogue.clock.advance(seconds: 2)
    #expect(dialogue.ask("PING") == "OK 0\nOK \"pong\"")
    #expect(dialogue.ask("STATS").contains(#""FLUSH":{"count":1,"errors":0,"mean":2000000,"#))
  }

  @Test("that fails leaves nothing of a reply begun, and nothing else of those before")
  func noHalfReplies() throws {
    let dialogue = try Dialogue()
    let (_, reply) = dialogue.run("SET s k 1\nSET s k IF 9 2\nGET s k\nINCR s k x\nGET s k\n".utf8)
    let lines = reply.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[1].hasPrefix("ERR conflict "))
    #expect(lines[2] == "OK 1")
    #expect(lines[3].hasPrefix("ERR syntax "))
    #expect(lines[4] == "OK 1")
  }
}

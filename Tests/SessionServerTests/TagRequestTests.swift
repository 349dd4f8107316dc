import Testing

@testable import SessionServer

@Suite("A request about tags")
struct TagRequestTests {
  private func tags(_ dialogue: Dialogue) -> String {
    let info = dialogue.ask("INFO s")
    return String(info.split(separator: #""tags":"#).last ?? "")
  }

  private func ids(_ reply: String) throws -> [String] {
    try #require(reply.hasPrefix("OK [") && reply.hasSuffix("]"), "\(reply)")
    return reply.dropFirst(4).dropLast().split(separator: ",").map { String($0.dropFirst().dropLast()) }
  }

  @Test("adds and removes tags, counts what is new or was there, and keeps their order")
  func counts() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    #expect(dialogue.ask(#"TAG s b a b "a b" "say \"hi\"""#) == "OK 4")
    #expect(dialogue.ask("TAG s a c") == "OK 1")
    #expect(tags(dialogue) == #"["b","a","a b","say \"hi\"","c"]}"#)
    #expect(dialogue.ask("UNTAG s a nothing a c") == "OK 2")
    #expect(tags(dialogue) == #"["b","a b","say \"hi\""]}"#)
    #expect(dialogue.ask("GET s") == #"OK {"k":1}"#)
    #expect(dialogue.ask("TAG nobody a") == "NIL")
    #expect(dialogue.ask("UNTAG nobody a") == "NIL")
    #expect(dialogue.ask("EXISTS nobody") == "OK false")
  }

  @Test("makes a new version if it changes something, and slides the time to live in any case")
  func versions() throws {
    let dialogue = try Dialogue()
    var version = try #require(dialogue.version("SET s k TTL 100 1"))
    func expect(_ request: String, _ reply: String, isChange: Bool) throws {
      dialogue.clock.advance(seconds: 50)
      #expect(dialogue.ask(request) == reply, "\(request)")
      #expect(dialogue.ask("TTL s") == "OK 100", "\(request)")
      let info = dialogue.ask("INFO s")
      let now = try #require(UInt64(info.dropFirst(#"OK {"version":"#.count).prefix { $0.isNumber }))
      #expect(isChange ? now > version : now == version, "\(request)")
      version = now
    }
    try expect("TAG s a b", "OK 2", isChange: true)
    try expect("TAG s b a", "OK 0", isChange: false)
    try expect("UNTAG s c", "OK 0", isChange: false)
    try expect("UNTAG s a", "OK 1", isChange: true)
  }

  @Test("leaves a session at most 64 tags, of at most 255 bytes each")
  func limits() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    let names = (0..<64).map { "t\($0)" }
    #expect(dialogue.ask("TAG s \(names.joined(separator: " "))") == "OK 64")
    #expect(dialogue.ask("TAG s t1 t2") == "OK 0")
    #expect(
      dialogue.ask("TAG s t1 more")
        == "ERR too-large the session would have 65 tags; the most is 64")
    #expect(
      dialogue.ask("TAG s \(names.map { "x" + $0 }.joined(separator: " "))").hasPrefix("ERR too-large "))
    #expect(dialogue.ask("TAGGED more") == "OK []")
    #expect(dialogue.ask("UNTAG s t1") == "OK 1")
    let longest = String(repeating: "x", count: 255)
    #expect(dialogue.ask("TAG s \(longest)") == "OK 1")
    #expect(dialogue.ask("TAGGED \(longest)") == #"OK ["s"]"#)
    #expect(dialogue.ask("TAG s \(longest)x").hasPrefix("ERR syntax "))
    let small = try Dialogue(cache: makeCache(sessionBytesMost: 1024))
    _ = small.ask("SET s k 1")
    for number in 0..<3 { #expect(small.ask("TAG s \(longest.dropLast())\(number)") == "OK 1") }
    #expect(small.ask("TAG s \(longest)").hasPrefix("ERR too-large "))
  }

  @Test("lists the sessions with a tag page by page, each exactly once, whatever changes beside them")
  func paging() throws {
    let dialogue = try Dialogue(cache: makeCache(bytes: 8 << 20, shards: 4))
    for number in 0..<250 {
      _ = dialogue.ask("SET s\(number) k 1")
      _ = dialogue.ask("TAG s\(number) group")
    }
    var found: [String] = []
    var request = "TAGGED group LIMIT 20"
    for page in 0..<100 {
      let ids = try ids(dialogue.ask(request))
      found += ids
      guard ids.count == 20, let last = ids.last else { break }
      request = "TAGGED group LIMIT 20 AFTER \(last)"
      // What comes and goes during the listing moves nothing.
      _ = dialogue.ask("SET new\(page) k 1")
      _ = dialogue.ask("TAG new\(page) group")
      _ = dialogue.ask("DEL \(last)")
    }
    let lasting = found.filter { $0.hasPrefix("s") }
    #expect(lasting.count == 250)
    #expect(Set(lasting).count == 250)
    #expect(Set(found).count == found.count)
    #expect(try ids(dialogue.ask("TAGGED group")).count == 100)
    #expect(try ids(dialogue.ask("TAGGED group LIMIT 1000")).count >= 230)
  }

  @Test("finds a session no longer when it has ended, has another id, or has lost the tag")
  func ends() throws {
    for end in ["DEL s", "REVOKE s", "REVOKEALL t", "UNTAG s t", "FLUSH", "RENAME s new"] {
      let dialogue = try Dialogue()
      _ = dialogue.ask("SET s k 1")
      _ = dialogue.ask("TAG s t")
      #expect(dialogue.ask("TAGGED t") == #"OK ["s"]"#)
      #expect(dialogue.ask(end).hasPrefix("OK "))
      #expect(dialogue.ask("TAGGED t") == (end == "RENAME s new" ? #"OK ["new"]"# : "OK []"), "\(end)")
    }
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k TTL 5 1")
    _ = dialogue.ask("TAG s t")
    dialogue.clock.advance(seconds: 4)
    // A listing is no use of a session.
    #expect(dialogue.ask("TAGGED t") == #"OK ["s"]"#)
    dialogue.clock.advance(seconds: 2)
    #expect(dialogue.ask("TAGGED t") == "OK []")
    #expect(dialogue.ask("TAG s t") == "NIL")
  }

  @Test("keeps tags when keys change")
  func keysBeside() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    _ = dialogue.ask("TAG s t u")
    for change in ["SET s l 2", "MSET s DROP k {\"m\":1}", "INCR s n", "DEL s l", "EXPIRE s 50", "DEL s m n"]
    {
      _ = dialogue.ask(change)
      #expect(tags(dialogue) == #"["t","u"]}"#, "\(change)")
    }
    #expect(dialogue.ask("GET s") == "OK {}")
    #expect(dialogue.ask("TAGGED u") == #"OK ["s"]"#)
  }
}

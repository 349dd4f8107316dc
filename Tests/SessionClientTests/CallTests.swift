import SessionClient
import Testing

/// Every call: the line that it sends, and what it makes of the reply.
@Suite(.timeLimit(.minutes(10))) struct CallTests {
  /// Answers each line with the reply that the table has for it.
  private func sessions(_ replies: [String: String]) throws -> (FakeDaemon, SessionClient) {
    let daemon = try FakeDaemon { connection in
      connection.answerAll { (replies[$0] ?? "ERR unknown \($0)") + "\n" }
    }
    return (daemon, client(of: daemon))
  }

  @Test("values of one key are read as the type asked for")
  func get() async throws {
    let (daemon, sessions) = try sessions([
      "GET s text": #"OK "da\u0072k""#, "GET s number": "OK 42", "GET s truth": "OK true",
      "GET s ratio": "OK 2.50",
      "GET s list": "OK [1,2]", "GET s none": "NIL", #"PEEK "my session" text"#: #"OK "x""#,
    ])
    defer { daemon.stop() }
    #expect(try await sessions.get("s", "text") == "dark")
    let number: Int? = try await sessions.get("s", "number")
    #expect(number == 42)
    #expect(try await sessions.get("s", "truth", as: Bool.self) == true)
    #expect(try await sessions.get("s", "ratio", as: Double.self) == 2.5)
    #expect(try await sessions.get("s", "ratio", as: SessionValue.self)?.description == "2.50")
    #expect(try await sessions.get("s", "text", as: SessionJSON.self)?.text == #""da\u0072k""#)
    #expect(try await sessions.get("s", "list", as: [Int].self) == [1, 2])
    #expect(try await sessions.get("s", "none", as: Int.self) == nil)
    #expect(try await sessions.peek("my session", "text", as: String.self) == "x")
    await #expect(throws: SessionError.self) { try await sessions.get("s", "text", as: Int.self) }
    #expect(daemon.connections == 1)
  }

  @Test("whole sessions keep the order of their keys")
  func wholeSessions() async throws {
    struct Profile: Decodable, Equatable {
      let theme: String
      let visits: Int
    }
    let json = #"OK {"theme":"dark","visits":3}"#
    let (daemon, sessions) = try sessions([
      "GET s": json, "PEEK s": json, "GET none": "NIL", "MGET s theme visits x": json, "TOUCH s": "OK 1",
      "TOUCH none": "OK 0",
    ])
    defer { daemon.stop() }
    #expect(try await sessions.get("s")?.description == #"{"theme":"dark","visits":3}"#)
    #expect(try await sessions.peek("s")?.keys == ["theme", "visits"])
    #expect(try await sessions.get("s", as: Profile.self) == Profile(theme: "dark", visits: 3))
    #expect(try await sessions.peek("s", as: Profile.self)?.visits == 3)
    #expect(try await sessions.get("none") == nil)
    #expect(try await sessions.get("none", as: Profile.self) == nil)
    #expect(try await sessions.getMany("s", ["theme", "visits", "x"])?.count == 2)
    #expect(try await sessions.getMany("s", ["theme", "visits", "x"], as: Profile.self)?.theme == "dark")
    #expect(try await sessions.getMany("s", []) == [:])
    #expect(try await sessions.getMany("none", []) == nil)
  }

  @Test("writes send their options and return the new version")
  func writes() async throws {
    struct Profile: Encodable { let name: String }
    let (daemon, sessions) = try sessions([
      #"SET s theme "dark""#: "OK 1", "SET s n IF 1 TTL 1.500 42": "OK 2", "SET s f true": "OK 3",
      "SET s d 0.5": "OK 4", #"SET s v ["a",1,null]"#: "OK 5", "SET s p {\"name\":\"x\"}": "OK 6",
      #"MSET s {"key1":"value1","key2":42,"key3":true}"#: "OK 7", "MSET s IF 0 TTL 60 {}": "OK 8",
      #"MSET s {"name":"y"}"#: "OK 9", "SET s old IF 3 1": "ERR conflict current version 9",
    ])
    defer { daemon.stop() }
    #expect(try await sessions.set("s", "theme", "dark") == 1)
    #expect(try await sessions.set("s", "n", 42, ifVersion: 1, ttl: .milliseconds(1500)) == 2)
    #expect(try await sessions.set("s", "f", true) == 3)
    #expect(try await sessions.set("s", "d", 0.5) == 4)
    #expect(try await sessions.set("s", "v", ["a", 1, nil]) == 5)
    #expect(try await sessions.set("s", "p", Profile(name: "x")) == 6)
    #expect(try await sessions.setMany("s", ["key1": "value1", "key2": 42, "key3": true]) == 7)
    #expect(try await sessions.setMany("s", [:], ifVersion: 0, ttl: .seconds(60)) == 8)
    #expect(try await sessions.setMany("s", fieldsOf: Profile(name: "y")) == 9)
    await #expect(throws: SessionError.conflict(currentVersion: 9)) {
      try await sessions.set("s", "old", 1, ifVersion: 3)
    }
    #expect(daemon.lines.count == 10)
  }

  @Test("the remaining calls send their lines and read their replies")
  func others() async throws {
    let (daemon, sessions) = try sessions([
      "DEL s": "OK 1", "DEL none": "OK 0", "DEL s a b": "OK 2", "INCR s n": "OK 1", "INCR s n -5": "OK -4",
      "EXISTS s": "OK true", "TTL s": "OK 583.2", "TTL none": "NIL", "EXPIRE s 0.250": "OK false",
      "TOUCH a b": "OK 1", "TOUCH s": "OK 1", "FLUSH": "OK 12", "PING": "OK \"pong\"",
      "LIST MATCH u AFTER u9 LIMIT 2": #"OK {"sessions":["u10"],"next":"u10"}"#,
      "LIST LIMIT 100": #"OK {"sessions":[],"next":null}"#,
      "HELLO 1": #"OK {"server":"sessiond","version":"0.1.0","protocol":1,"role":"admin"}"#,
      "INFO s":
        #"OK {"version":7,"ttl":583.2,"idle":600,"created":1700000000.123,"keys":2,"bytes":123,"tags":["a"]}"#,
      "INFO none": "NIL",
    ])
    defer { daemon.stop() }
    #expect(try await sessions.delete("s"))
    #expect(try await !sessions.delete("none"))
    #expect(try await sessions.delete("s", keys: ["a", "b"]) == 2)
    #expect(try await sessions.increment("s", "n") == 1)
    #expect(try await sessions.increment("s", "n", by: -5) == -4)
    #expect(try await sessions.exists("s"))
    #expect(try await sessions.ttl("s") == .milliseconds(583_200))
    #expect(try await sessions.ttl("none") == nil)
    #expect(try await !sessions.expire("s", after: .milliseconds(250)))
    #expect(try await sessions.touch(["a", "b"]) == 1)
    let isThere: Bool = try await sessions.touch("s")
    #expect(isThere)
    #expect(try await sessions.flush() == 12)
    try await sessions.ping()
    let page = try await sessions.list(prefix: "u", after: "u9", limit: 2)
    #expect(page.sessions == ["u10"] && page.next == "u10")
    #expect(try await sessions.list(prefix: "").next == nil)
    let hello = try await sessions.hello()
    #expect(hello.server == "sessiond" && hello.protocolVersion == 1 && hello.role == "admin")
    let info = try await sessions.info("s")
    #expect(info?.version == 7 && info?.idle == 600 && info?.tags == ["a"])
    #expect(try await sessions.info("none") == nil)
    #expect(daemon.lines.count == 18)
  }

  @Test("ids, tags, ends and dumps are asked for in the protocol's words")
  func identity() async throws {
    let dump =
      #"{"session":"s","version":7,"created":1.5,"idle":600,"expires":2.25,"tags":["a"],"data":{"b":1.50,"a":2}}"#
    let (daemon, sessions) = try sessions([
      #"NEW TTL 60 {"a":1}"#: #"OK "id""#, #"NEW {"amount":2,"article":"tea"}"#: #"OK "id2""#,
      "RENAME s": #"OK "id""#, #"RENAME s "new id" GRACE 0.250"#: #"OK "new id""#, "RENAME none": "NIL",
      #"RENAME s "GRACE""#: "ERR conflict current version 9", "REVOKE s t": "OK 1",
      "REVOKE s": "OK 0", #"TAG s a "b c""#: "OK 2", "UNTAG none a": "NIL",
      "TAGGED a AFTER s LIMIT 2": #"OK ["x","y"]"#, "REVOKEALL a": "OK 12",
      "WHY s": #"OK {"ended":"deleted","at":12.5,"uid":3,"pid":4}"#, "WHY t": #"OK {"ended":"idle","at":1}"#,
      "DUMP s": "OK " + dump, "RESTORE " + dump: "OK 7", #"MSET s DROP a DROP "b c" {"d":1}"#: "OK 8",
    ])
    defer { daemon.stop() }
    #expect(try await sessions.create(["a": 1], ttl: .seconds(60)) == "id")
    #expect(try await sessions.create(fieldsOf: CartItem(article: "tea", amount: 2)) == "id2")
    #expect(try await sessions.rename("s") == "id")
    #expect(try await sessions.rename("s", to: "new id", grace: .milliseconds(250)) == "new id")
    #expect(try await sessions.rename("none") == nil)
    await #expect(throws: SessionError.conflict(currentVersion: 9)) {
      try await sessions.rename("s", to: "GRACE")
    }
    #expect(try await sessions.revoke(["s", "t"]) == 1)
    let wasThere: Bool = try await sessions.revoke("s")
    #expect(!wasThere)
    #expect(try await sessions.tag("s", ["a", "b c"]) == 2)
    #expect(try await sessions.untag("none", ["a"]) == nil)
    #expect(try await sessions.tagged("a", after: "s", limit: 2) == ["x", "y"])
    #expect(try await sessions.revokeAll(tagged: "a") == 12)
    let end = try await sessions.why("s")
    #expect(end?.ended == .deleted && end?.at == 12.5 && end?.uid == 3 && end?.pid == 4)
    #expect(try await sessions.why("t")?.uid == nil)
    let found = try await sessions.dump("s")
    #expect(found?.version == 7 && found?.expires == 2.25 && found?.tags == ["a"])
    #expect(found?.data.description == #"{"b":1.50,"a":2}"#)
    #expect(try await sessions.dump("s", as: SessionJSON.self)?.text == dump)
    #expect(try await sessions.restore(try #require(found)) == 7)
    #expect(try await sessions.restore(SessionJSON(dump)) == 7)
    #expect(try await sessions.setMany("s", ["d": 1], removing: ["a", "b c"]) == 8)
    #expect(daemon.lines.count == 19)
  }

  @Test("statistics are read whole, and tell the hit ratio")
  func statistics() async throws {
    let json = """
      {"version":"0.1.0","pid":1,"uptime":12.345,"sessions":3,"memory":{"limit":4,"reserved":3,"used":2,"index":1,"tags":0,"events":5,"buffers":6},"marks":8,\
      "hits":3,"misses":1,"sets":5,"expired":6,"full":7,\
      "evicted":{"expired":8,"untagged":9,"tagged":10},"forgotten":11,"mapped":{"hits":12,"maps":2},"connections":{"current":1,"accepted":2,"refused":3,\
      "dropped":4},"adopted":{"sessions":14,"seconds":0.25},"busiest":[{"session":"a b","count":640},{"session":"c","count":64}],"commands":{"GET":{"count":4,"errors":1,"mean":1.5,"p50":1,"p99":9.25,"max":10}},"unknown":13}
      """
    let (daemon, sessions) = try sessions(["STATS": "OK " + json])
    defer { daemon.stop() }
    let statistics = try await sessions.stats()
    #expect(statistics.hitRatio == 0.9375)
    #expect(statistics.socketHitRatio == 0.75 && statistics.mappedShare == 0.75)
    #expect(statistics.forgotten == 11 && statistics.unknown == 13)
    #expect(statistics.memory.events == 5 && statistics.memory.buffers == 6)
    #expect(statistics.adopted?.sessions == 14 && statistics.adopted?.seconds == 0.25)
    #expect(statistics.busiest?.map(\.session) == ["a b", "c"] && statistics.busiest?.first?.count == 640)
    #expect(statistics.evicted.untagged == 9 && statistics.evicted.tagged == 10)
    #expect(statistics.mapped.hits == 12 && statistics.mapped.maps == 2)
    #expect(statistics.marks == 8 && statistics.memory.tags == 0)
    #expect(statistics.memory.limit == 4 && statistics.connections.dropped == 4)
    #expect(statistics.commands["GET"]?.p99 == 9.25)
    #expect(try await sessions.stats(as: SessionJSON.self).text == json)
  }

  @Test("metrics come as the text that they are")
  func metrics() async throws {
    let (daemon, sessions) = try sessions(["METRICS": ##"OK "# TYPE a info\na_info{b=\"c\"} 1\n# EOF\n""##])
    defer { daemon.stop() }
    #expect(try await sessions.metrics() == "# TYPE a info\na_info{b=\"c\"} 1\n# EOF\n")
  }

  @Test("statistics tell of the store behind the cache, where there is one")
  func storeStatistics() async throws {
    func json(_ store: String) -> String {
      """
      {"version":"0.1.0","pid":1,"uptime":1,"sessions":3,"memory":{"limit":4,"reserved":3,"used":2,"index":1,"tags":0,"events":5,"buffers":6},\
      "marks":0,"hits":3,"misses":1,"sets":5,"expired":6,"full":7,"evicted":{"expired":0,"untagged":0,"tagged":0},"forgotten":0,\
      \(store)"mapped":{"hits":0,"maps":0},"connections":{"current":1,"accepted":2,"refused":3,"dropped":4},"commands":{},"unknown":0}
      """
    }
    let counts = """
      "unsaved":1,"queue":2,"waiting":3,"loads":9,"loadHits":5,"loadMisses":4,"saves":8,"batches":6,"conflicts":7,\
      "failures":10,"roundTrips":11,"invalidations":12,"damaged":13,"load":{"p50":1.5,"p99":2},"batch":{"p50":3,"p99":4}
      """
    for (line, check) in [
      (json(""), { $0.store == nil && $0.busiest == nil }),
      (
        json(#""store":{"kind":"sqlite","durability":"behind","state":"ok",\#(counts),"warm":null},"#),
        { $0.store?.isAway == false && $0.store?.warm == nil && $0.store?.load.p50 == 1.5 }
      ),
      (
        json(
          #""store":{"kind":"redis","durability":"through","state":"away","reason":"no","since":5.5,\#(counts),"warm":7},"#
        ),
        {
          $0.store?.isAway == true && $0.store?.reason == "no" && $0.store?.since == 5.5
            && $0.store?.warm == 7
        }
      ),
    ] as [(String, (ServerStatistics) -> Bool)] {
      let (daemon, sessions) = try sessions(["STATS": "OK " + line])
      defer { daemon.stop() }
      #expect(check(try await sessions.stats()))
    }
  }

  @Test("what would mean something else without arguments is not sent")
  func nothingToDo() async throws {
    let (daemon, sessions) = try sessions([:])
    defer { daemon.stop() }
    #expect(try await sessions.delete("s", keys: []) == 0)
    #expect(try await sessions.touch([]) == 0)
    #expect(try await sessions.revoke([]) == 0)
    #expect(daemon.lines.isEmpty)
  }

  @Test("names and arguments that the protocol does not allow are refused before anything is sent")
  func invalid() async throws {
    let (daemon, sessions) = try sessions([:])
    defer { daemon.stop() }
    await #expect(throws: SessionError.invalidName("The session id is empty; it takes 1 to 255 bytes.")) {
      try await sessions.get("")
    }
    await #expect(throws: SessionError.self) { try await sessions.set("s", "a\nFLUSH", 1) }
    await #expect(throws: SessionError.self) { try await sessions.set("s", "a", 1, ttl: .zero) }
    await #expect(throws: SessionError.self) { try await sessions.set("s", "a", 1, ifVersion: -1) }
    await #expect(throws: SessionError.self) { try await sessions.set("s", "a", Double.nan) }
    #expect(daemon.lines.isEmpty)
  }

  @Test("a refusal of the daemon is thrown, and the connection goes on")
  func refusals() async throws {
    let (daemon, sessions) = try sessions([
      "FLUSH": "ERR denied role admin only", "SET s a 1": "ERR full no room",
      "INCR s a": "ERR type no integer",
      "GET s a": "ERR unavailable the store is away", "PING": "OK \"pong\"",
    ])
    defer { daemon.stop() }
    await #expect(throws: SessionError.denied("role admin only")) { try await sessions.flush() }
    await #expect(throws: SessionError.full("no room")) { try await sessions.set("s", "a", 1) }
    await #expect(throws: SessionError.type("no integer")) { try await sessions.increment("s", "a") }
    await #expect(throws: SessionError.storeUnavailable("the store is away")) {
      try await sessions.get("s", "a", as: Int.self)
    }
    try await sessions.ping()
    #expect(daemon.connections == 1)
  }

  @Test("no keys of a session are read without a change, even where TOUCH is refused")
  func noKeys() async throws {
    let (daemon, sessions) = try sessions([
      "TOUCH closed": "ERR revoked it was", "EXISTS closed": "OK false",
      "TOUCH reader": "ERR denied TOUCH wants the role app", "EXISTS reader": "OK true",
      "TOUCH broken": "ERR syntax",
    ])
    defer { daemon.stop() }
    #expect(try await sessions.getMany("closed", []) == nil)
    #expect(try sessions.blocking.getMany("closed", []) == nil)
    #expect(try await sessions.getMany("reader", []) == [:])
    #expect(try sessions.blocking.getMany("reader", []) == [:])
    await #expect(throws: SessionError.syntax("")) { try await sessions.getMany("broken", []) }
  }
}

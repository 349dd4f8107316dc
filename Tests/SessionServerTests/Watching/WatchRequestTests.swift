import SessionCache
import SessionWire
import Testing

@testable import SessionServer

@Suite("WATCH, UNWATCH and WHY") struct WatchRequestTests {
  /// The lines that a connection would be sent of what happened since.
  private func events(_ dialogue: Dialogue) -> [String] {
    guard let watch = dialogue.conversation.watch else { return [] }
    var portion = EventPortion()
    var reply: [UInt8] = []
    while dialogue.cache.events.read(after: watch.position, bytesMost: 100, into: &portion) == .some {
      watch.tell(portion, to: &reply)
    }
    return String(decoding: reply, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func number(_ reply: String) throws -> UInt64 {
    try #require(reply.hasPrefix("OK ") ? UInt64(reply.dropFirst(3)) : nil, "\(reply)")
  }

  @Test("tells of changes behind the WATCH, in order")
  func order() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET a k 0")
    let last = try number(dialogue.ask("WATCH a b"))
    #expect(last == UInt64(MovedClock.wallClockAhead + dialogue.clock.now) / 1000)
    let set = try #require(dialogue.version("SET a k 1"))
    _ = dialogue.ask("SET c k 1")
    #expect(dialogue.ask("GET a k") == "OK 1")
    #expect(dialogue.ask("TOUCH a") == "OK 1")
    #expect(dialogue.ask("EXPIRE a 60") == "OK true")
    let began = try #require(dialogue.version("MSET b {}"))
    #expect(dialogue.ask("DEL a") == "OK 1")
    #expect(
      events(dialogue) == [
        #"EVENT {"seq":\#(last + 1),"event":"set","session":"a","version":\#(set)}"#,
        #"EVENT {"seq":\#(last + 3),"event":"set","session":"b","version":\#(began)}"#,
        #"EVENT {"seq":\#(last + 4),"event":"del","session":"a","version":\#(set)}"#,
      ])
  }

  @Test("begins behind the number that SINCE names")
  func since() throws {
    let dialogue = try Dialogue()
    let last = try number(dialogue.ask("WATCH *"))
    for value in 1...3 { _ = dialogue.ask("SET s k \(value)") }
    #expect(events(dialogue).count == 3)
    #expect(dialogue.ask("UNWATCH") == "OK")
    #expect(dialogue.ask("WATCH * SINCE \(last + 1)") == "OK \(last + 3)")
    #expect(events(dialogue).map { $0.hasPrefix(#"EVENT {"seq":\#(last)"#) }.count == 2)
    #expect(dialogue.ask("UNWATCH") == "OK")
    #expect(dialogue.ask("WATCH s SINCE \(last + 3)") == "OK \(last + 3)")
    #expect(events(dialogue).isEmpty)
  }

  @Test("says that events were missed where the log does not reach back")
  func missed() throws {
    let dialogue = try Dialogue()
    let last = try number(dialogue.ask("WATCH s"))
    #expect(dialogue.ask("UNWATCH") == "OK")
    for since in [0, 1, last - 1] {
      #expect(
        dialogue.ask("WATCH s SINCE \(since)") == "OK \(last)\n" + #"EVENT {"seq":\#(last),"event":"missed"}"#
      )
      _ = dialogue.ask("UNWATCH")
    }
    #expect(dialogue.ask("WATCH s SINCE \(last)") == "OK \(last)")
  }

  @Test("refuses a SINCE from the future, and does not watch then")
  func future() throws {
    let dialogue = try Dialogue()
    let last = try number(dialogue.ask("WATCH s"))
    _ = dialogue.ask("UNWATCH")
    #expect(
      dialogue.ask("WATCH s SINCE \(last + 1)")
        == "ERR unknown no event has that number yet; the last is \(last)")
    #expect(dialogue.conversation.watch == nil)
    #expect(dialogue.ask("WATCH s") == "OK \(last)")
  }

  @Test("refuses a second WATCH on a connection, and goes on with the first")
  func twice() throws {
    let dialogue = try Dialogue()
    _ = try number(dialogue.ask("WATCH a"))
    for request in ["WATCH b", "WATCH a", "WATCH *", "WATCH a SINCE 1"] {
      #expect(dialogue.ask(request) == "ERR limit this connection watches already; UNWATCH first")
    }
    _ = dialogue.ask("SET a k 1")
    _ = dialogue.ask("SET b k 1")
    #expect(events(dialogue).count == 1)
    #expect(dialogue.ask("UNWATCH") == "OK")
    #expect(dialogue.ask("UNWATCH") == "OK")
    #expect(events(dialogue).isEmpty)
  }

  @Test("lets nobody but an admin watch all sessions")
  func roles() throws {
    let dialogue = try Dialogue(role: .app)
    #expect(dialogue.ask("WATCH *").hasPrefix("ERR denied "))
    #expect(dialogue.conversation.watch == nil)
    #expect(dialogue.ask(#"WATCH "*""#).hasPrefix("OK "))
  }

  @Test("the ids that a connection watches count as held for its user")
  func held() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.conversation.heldBytes == 0)
    _ = dialogue.ask("WATCH \(String(repeating: "x", count: 200)) b")
    #expect(dialogue.conversation.heldBytes > 201)
    _ = dialogue.ask("UNWATCH")
    #expect(dialogue.conversation.heldBytes == 0)
  }

  @Test("WHY tells how, when and by whom a session ended")
  func why() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.ask("WHY s") == "NIL")
    _ = dialogue.ask("SET s k 1")
    #expect(dialogue.ask("WHY s") == "NIL")
    dialogue.clock.advance(seconds: 1.5)
    let at = (MovedClock.wallClockAhead + dialogue.clock.now) / 1_000_000
    _ = dialogue.ask("DEL s")
    let expected = #"OK {"ended":"deleted","at":\#(at / 1000).5,"uid":1000,"pid":1}"#
    #expect(dialogue.ask("WHY s") == expected)
    dialogue.clock.advance(seconds: 100)
    #expect(dialogue.ask("WHY s") == expected)
    _ = dialogue.ask("SET s k 1")
    #expect(dialogue.ask("WHY s") == "NIL")
  }

  @Test("WHY tells of a session whose time is over, reclaimed or not, the moment of its end")
  func whyExpired() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k TTL 2 1")
    let end = (MovedClock.wallClockAhead + dialogue.clock.now) / 1_000_000_000 + 2
    dialogue.clock.advance(seconds: 10)
    #expect(dialogue.ask("WHY s") == #"OK {"ended":"idle","at":\#(end)}"#)
    _ = dialogue.cache.sweep(at: dialogue.clock.now) { true }
    #expect(dialogue.ask("WHY s") == #"OK {"ended":"idle","at":\#(end)}"#)

    var settings = dialogue.cache.settings
    settings.lifetime = 5_000_000_000
    dialogue.cache.settings = settings
    _ = dialogue.ask("SET t k 1")
    dialogue.clock.advance(seconds: 7)
    #expect(dialogue.ask("WHY t").hasPrefix(#"OK {"ended":"lifetime","at":"#))
  }

  @Test("FLUSH ends sessions as a DEL does")
  func flush() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask("SET s k 1")
    _ = try number(dialogue.ask("WATCH s"))
    #expect(dialogue.ask("FLUSH") == "OK 1")
    #expect(events(dialogue).first?.contains(#""event":"del""#) == true)
    #expect(dialogue.ask("WHY s").hasPrefix(#"OK {"ended":"deleted","#))
  }
}

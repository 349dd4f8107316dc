import SessionCache
import SessionWire
import Testing

@testable import SessionServer

@Suite("A request for a dump")
struct DumpRequestTests {
  /// A moment of the dialogue's clock as replies tell it.
  private func wallClock(_ dialogue: Dialogue, _ seconds: Double = 0) -> String {
    let milliseconds = (MovedClock.wallClockAhead + dialogue.clock.now) / 1_000_000 + Int64(seconds * 1000)
    var text: [UInt8] = []
    text.appendThousandths(milliseconds)
    return String(decoding: text, as: UTF8.self)
  }

  @Test("gets all of a session, and is no use of it")
  func dump() throws {
    let dialogue = try Dialogue()
    dialogue.clock.advance(seconds: 0.125)
    let created = wallClock(dialogue)
    _ = dialogue.ask(#"MSET "s \"1\"" TTL 60.5 {"b":[1.50,{"x":null}],"a b":"é"}"#)
    _ = dialogue.ask(#"TAG "s \"1\"" t "u v""#)
    dialogue.clock.advance(seconds: 10)
    let info = dialogue.ask(#"INFO "s \"1\"""#)
    let version = try #require(info.dropFirst(#"OK {"version":"#.count).split(separator: ",").first)
    let dump = dialogue.ask(#"DUMP "s \"1\"""#)
    #expect(
      dump == #"OK {"session":"s \"1\"","version":\#(version),"created":\#(created),"idle":60.5,"#
        + #""expires":\#(wallClock(dialogue, 50.5)),"tags":["t","u v"],"#
        + #""data":{"b":[1.50,{"x":null}],"a b":"é"}}"#)
    #expect(dialogue.ask(#"TTL "s \"1\"""#) == "OK 50.5")
    #expect(dialogue.ask("DUMP nobody") == "NIL")
    _ = dialogue.ask("SET empty k 1")
    _ = dialogue.ask("DEL empty k")
    #expect(dialogue.ask("DUMP empty").hasSuffix(#""tags":[],"data":{}}"#))
  }

  @Test("and to restore it makes the session again as it was, under its version")
  func roundTrip() throws {
    let dialogue = try Dialogue()
    _ = dialogue.ask(#"MSET s TTL 60 {"b":[1.50],"a":"\u00e9\\"}"#)
    _ = dialogue.ask("TAG s t u")
    dialogue.clock.advance(seconds: 10.0005)
    let dump = String(dialogue.ask("DUMP s").dropFirst(3))
    #expect(dialogue.ask("RESTORE \(dump)").hasPrefix("ERR conflict current version "))
    #expect(dialogue.ask("DEL s") == "OK 1")
    let version = try #require(dialogue.version("RESTORE \(dump)"))
    #expect(dump.contains("\"version\":\(version),"))
    #expect(dialogue.ask("DUMP s") == "OK \(dump)")
    #expect(dialogue.ask("TAGGED u") == #"OK ["s"]"#)
    // Later versions are greater, and the session lives on like any other.
    #expect(try #require(dialogue.version("SET s c 1")) > version)
    #expect(dialogue.ask("TTL s") == "OK 60")
    let other = try Dialogue()
    #expect(other.version("RESTORE \(dump)") == version)
    #expect(other.ask("DUMP s").hasSuffix(#""tags":["t","u"],"data":{"b":[1.50],"a":"\u00e9\\"}}"#))
    #expect(try #require(other.version("SET t k 1")) > version)
  }

  @Test("to restore takes the defaults for what is left out")
  func defaults() throws {
    let dialogue = try Dialogue()
    let version = try #require(dialogue.version(#"RESTORE {"session":"s"}"#))
    #expect(
      dialogue.ask("DUMP s") == #"OK {"session":"s","version":\#(version),"created":\#(wallClock(dialogue)),"#
        + #""idle":600,"expires":\#(wallClock(dialogue, 600)),"tags":[],"data":{}}"#)
    #expect(dialogue.version(#"RESTORE {"session":"t","idle":30,"tags":["a","b","a"]}"#) != nil)
    #expect(dialogue.ask("TTL t") == "OK 30")
    #expect(dialogue.ask("DUMP t").contains(#""tags":["a","b"],"#))
    #expect(
      dialogue.version(#"RESTORE {"session":"u","idle":30,"expires":\#(wallClock(dialogue, 5))}"#) != nil)
    #expect(dialogue.ask("TTL u") == "OK 5")
    #expect(dialogue.ask("TOUCH u") == "OK 1")
    #expect(dialogue.ask("TTL u") == "OK 30")
  }

  @Test("to restore a session of long ago, or that says to come from the future, is done within bounds")
  func moments() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.version(#"RESTORE {"session":"old","created":1}"#) != nil)
    #expect(dialogue.ask("DUMP old").contains(#""created":1,"#))
    #expect(dialogue.version(#"RESTORE {"session":"new","created":9223372036}"#) != nil)
    #expect(dialogue.ask("DUMP new").contains("\"created\":\(wallClock(dialogue)),"))
    #expect(dialogue.version(#"RESTORE {"session":"late","expires":9223372036}"#) != nil)
    #expect(dialogue.ask("TTL late").hasPrefix("OK "))
  }

  @Test("to restore what is over, or what was revoked, is refused, and so is more than a session may have")
  func refused() throws {
    let dialogue = try Dialogue()
    for expires in ["0", "1", wallClock(dialogue)] {
      #expect(
        dialogue.ask(#"RESTORE {"session":"s","expires":\#(expires)}"#)
          == "ERR syntax RESTORE: the member expires lies in the past; the session's time is over")
    }
    #expect(dialogue.ask("EXISTS s") == "OK false")
    _ = dialogue.ask("REVOKE s")
    #expect(dialogue.ask(#"RESTORE {"session":"s","data":{"k":1}}"#).hasPrefix("ERR revoked "))
    let tags = (0..<65).map { "\"t\($0)\"" }.joined(separator: ",")
    #expect(
      dialogue.ask(#"RESTORE {"session":"t","tags":[\#(tags)]}"#)
        == "ERR too-large the session would have 65 tags; the most is 64")
    dialogue.cache.settings.lifetime = 100_000_000_000
    #expect(
      dialogue.ask(#"RESTORE {"session":"t","created":\#(wallClock(dialogue, -100))}"#)
        == "ERR syntax RESTORE: the member created lies back more than a lifetime; the session's time is over"
    )
    #expect(dialogue.version(#"RESTORE {"session":"t","created":\#(wallClock(dialogue, -99))}"#) != nil)
    #expect(dialogue.ask("TTL t") == "OK 1")
  }
}

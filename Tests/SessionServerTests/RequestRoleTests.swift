import Logging
import SessionWire
import Testing

@testable import SessionServer

@Suite("A request, by the role of who sends it,")
struct RequestRoleTests {
  /// A good line for every command that wants more than its name.
  private static let arguments: [Command: String] = [
    .get: " s k", .peek: " s", .mget: " s k", .set: " s k 2", .mset: " s {}", .del: " t", .incr: " s n",
    .exists: " s", .ttl: " s", .expire: " s 5", .touch: " s", .info: " s", .reads: " 5", .rename: " t",
    .revoke: " t", .revokeAll: " t", .tag: " s t", .untag: " s t", .tagged: " t", .watch: " s", .why: " s",
    .dump: " s", .restore: #" {"session":"t"}"#,
  ]

  @Test("is denied where its command wants more, and has no effect then", arguments: Command.allCases)
  func denied(command: Command) throws {
    let line = command.name + (Self.arguments[command] ?? "")
    for role in Role.allCases {
      let dialogue = try Dialogue(role: role)
      try dialogue.fill()
      let reply = dialogue.ask(line)
      let isDenied = reply.hasPrefix("ERR denied ")
      #expect(isDenied == (role < command.role), "\(line) as \(role.name): \(reply)")
      guard isDenied else { continue }
      #expect(
        reply == "ERR denied \(command.name) wants the role \(command.role.name); yours is \(role.name)")
      #expect(dialogue.ask("PEEK s") == #"OK {"k":1}"#)
      #expect(dialogue.ask("STATS").contains("\"\(command.name)\":{\"count\":1,\"errors\":1,"))
    }
  }

  @Test("is denied where it wants more than its command does")
  func watchAll() throws {
    for role in [Role.reader, .app] {
      let dialogue = try Dialogue(role: role)
      #expect(dialogue.ask("WATCH *") == "ERR denied WATCH * wants the role admin; yours is \(role.name)")
      #expect(!dialogue.ask(#"WATCH "*""#).hasPrefix("ERR denied "))
    }
    #expect(!(try Dialogue(role: .admin)).ask("WATCH *").hasPrefix("ERR denied "))
  }

  @Test("is malformed before it is denied")
  func malformed() throws {
    let dialogue = try Dialogue(role: .reader)
    #expect(dialogue.ask("SET s").hasPrefix("ERR syntax "))
    #expect(dialogue.ask("LIST LIMIT 0").hasPrefix("ERR syntax "))
    #expect(dialogue.log.messages(.notice).isEmpty)
  }

  @Test("slides no time to live if a reader sends it, and is answered like anybody's")
  func readersSlideNothing() throws {
    for (role, left) in [(Role.reader, "OK 350"), (.app, "OK 600"), (.admin, "OK 600")] {
      for request in ["GET s", "GET s k", "MGET s k"] {
        let dialogue = try Dialogue(role: role)
        try dialogue.fill()
        dialogue.clock.advance(seconds: 250)
        #expect(dialogue.ask(request) == (request == "GET s k" ? "OK 1" : #"OK {"k":1}"#))
        #expect(dialogue.ask("TTL s") == left, "\(request) as \(role.name)")
        #expect(dialogue.ask("STATS").contains(#""hits":1,"misses":0,"#))
      }
    }
  }

  @Test("that is denied is logged once a minute, with the user and the process and no session id")
  func logged() throws {
    let dialogue = try Dialogue(role: .reader)
    for _ in 0..<3 { _ = dialogue.ask("SET secret k 1") }
    dialogue.clock.advance(seconds: 60)
    _ = dialogue.ask("FLUSH")
    #expect(
      dialogue.log.messages(.notice) == [
        "user 2000 (pid 1) was denied a request: SET wants the role app; yours is reader",
        "user 2000 (pid 1) was denied a request: FLUSH wants the role admin; yours is reader "
          + "(and 2 times before)",
      ])
  }

  @Test("to map is no matter of roles, nor is it logged")
  func map() throws {
    for role in Role.allCases {
      #expect(try Dialogue(role: role).ask("MAP").hasPrefix("OK "))
      let dialogue = try Dialogue(role: role, mappers: .nobody)
      #expect(dialogue.ask("MAP").hasPrefix("ERR denied "))
      #expect(dialogue.log.messages(from: .trace).isEmpty)
    }
  }

  @Test("for one's role is answered with it", arguments: Role.allCases)
  func hello(role: Role) throws {
    #expect(try Dialogue(role: role).ask("HELLO").hasSuffix(#""protocol":1,"role":"\#(role.name)"}"#))
  }
}

extension Dialogue {
  /// Puts the session `s` with the key `k` into the cache, whatever this client's role.
  fileprivate func fill() throws {
    let writer = try Dialogue(cache: cache, clock: clock)
    _ = try #require(writer.version("SET s k 1"))
  }
}

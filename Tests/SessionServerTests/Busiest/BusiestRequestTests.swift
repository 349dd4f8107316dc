import Logging
import SessionWire
import Testing

@testable import SessionServer

@Suite("The busiest sessions of STATS")
struct BusiestRequestTests {
  /// nil where STATS does not tell of them.
  private func busiest(_ dialogue: Dialogue) throws -> [BusySession]? {
    let reply = dialogue.ask("STATS")
    guard let start = reply.firstRange(of: #""busiest":["#) else { return nil }
    let list = reply[start.upperBound...].prefix { $0 != "]" }
    var busiest: [BusySession] = []
    for match in list.matches(of: /\{"session":"([^"]*)","count":([0-9]+)\}/) {
      busiest.append(BusySession(id: Array(match.1.utf8), count: try #require(Int(match.2))))
    }
    return busiest
  }

  private func ask(_ dialogue: Dialogue, _ requests: String, times: Int) {
    _ = dialogue.run(String(repeating: requests, count: times).utf8)
  }

  @Test("are told to admins, and to nobody else; METRICS and the log never tell an id")
  func roles() throws {
    for role in Role.allCases {
      let dialogue = try Dialogue(role: role)
      ask(dialogue, "GET secret k\nSET secret\n", times: 300)
      let told = try busiest(dialogue)
      if role == .admin {
        let only = try #require(told?.first)
        #expect(told?.count == 1 && only.id == Array("secret".utf8))
        // Of 300 there are two at least, since one of 127 is looked at.
        #expect(only.count >= 128 && only.count % 64 == 0)
      } else {
        #expect(told == nil)
      }
      #expect(!dialogue.ask("STATS").contains("secret") || role == .admin)
      #expect(!dialogue.ask("METRICS").contains("secret"))
      #expect(!dialogue.log.messages(from: .trace).contains { $0.contains("secret") })
    }
  }

  @Test("come by how often they were asked for, whether they are there or not")
  func order() throws {
    let dialogue = try Dialogue()
    #expect(try #require(try busiest(dialogue)).isEmpty)
    #expect(dialogue.version("SET busy k 1") != nil)
    ask(dialogue, "GET busy k\nINCR busy n\nTTL busy\nEXISTS calm\n", times: 6400)
    let told = try #require(try busiest(dialogue))
    try #require(told.map(\.id) == [Array("busy".utf8), Array("calm".utf8)])
    // The standard deviations are 900 and 600.
    #expect((12_000...26_000).contains(told[0].count) && (1600...11_200).contains(told[1].count), "\(told)")
  }

  @Test("count each session that TOUCH names, and what names no session for none")
  func several() throws {
    let dialogue = try Dialogue()
    ask(dialogue, "TOUCH a b a b a b a b\nNEW\nLIST\nTAGGED tag\nPING\n", times: 300)
    let told = try #require(try busiest(dialogue))
    #expect(Set(told.map(\.id)) == [Array("a".utf8), Array("b".utf8)])
  }

  @Test("are ten at most, and are forgotten twenty seconds after their last use at the latest")
  func forgotten() throws {
    let dialogue = try Dialogue()
    for session in 0..<20 { ask(dialogue, "GET s\(session)\n", times: 200) }
    #expect(try busiest(dialogue)?.count == 10)
    dialogue.clock.advance(seconds: 20)
    #expect(try #require(try busiest(dialogue)).isEmpty)
    ask(dialogue, "GET other\n", times: 200)
    #expect(try busiest(dialogue)?.map(\.id) == [Array("other".utf8)])
  }

  @Test("count no request that is denied")
  func denied() throws {
    let dialogue = try Dialogue(role: .reader)
    ask(dialogue, "SET s k 1\n", times: 300)
    var samples: [[UInt8]: Double] = [:]
    dialogue.statistics.addSamples(to: &samples, at: dialogue.clock.now)
    #expect(samples.isEmpty)
    ask(dialogue, "GET s k\n", times: 300)
    dialogue.statistics.addSamples(to: &samples, at: dialogue.clock.now)
    #expect(samples.keys.map { $0 } == [Array("s".utf8)])
  }

  @Test("are told as JSON, whatever their ids hold")
  func quoted() throws {
    let dialogue = try Dialogue()
    ask(dialogue, ##"GET "a\"b\\c ü""## + "\n", times: 200)
    let reply = dialogue.ask("STATS")
    #expect(reply.contains(##""busiest":[{"session":"a\"b\\c ü","count":"##))
    #expect(dialogue.version("SET s k \(reply.dropFirst(3))") != nil)
  }
}

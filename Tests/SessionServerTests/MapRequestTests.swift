import SessionCache
import SessionSegment
import SessionWire
import Testing

@testable import SessionServer

@Suite("A request about the mapping")
struct MapRequestTests {
  @Test("to map is answered with what the segment is known by, and with a descriptor for each")
  func map() throws {
    for role in [Role.admin, .app] {
      let dialogue = try Dialogue(role: role)
      let id = dialogue.cache.segmentID
      let line =
        #"OK {"format":\#(SegmentLayout.formatVersion),"size":\#(dialogue.cache.segmentBytes),"segment":"\#(id)"}"#
        + "\n"
      #expect(id.description.utf8.count == 32)
      #expect(
        dialogue.take("PING\nMAP\nPING\nmap\n".utf8).reply == "OK \"pong\"\n\(line)OK \"pong\"\n\(line)")
      #expect(dialogue.descriptorPositions == [10, 20 + line.utf8.count])
    }
  }

  @Test("to map is denied to those whom the setting does not name, and others go with it as before")
  func mapDenied() throws {
    let lists: [(PeerList, app: Bool, admin: Bool)] = [
      (.everybody, true, true), (.nobody, false, false), (.these(users: [], groups: []), false, true),
      (.these(users: [2000], groups: []), true, true),
      (.these(users: [2001, 3000, 4000], groups: []), false, true),
      (.these(users: [], groups: [3000]), true, true), (.these(users: [], groups: [4000, 9]), true, true),
      (.these(users: [], groups: [2000]), false, true),
    ]
    for (mappers, app, admin) in lists {
      for (role, isAllowed) in [(Role.app, app), (.admin, admin)] {
        let dialogue = try Dialogue(role: role, mappers: mappers)
        let (_, reply) = dialogue.take("MAP\nPING\n".utf8)
        #expect(reply.hasPrefix(isAllowed ? "OK {" : "ERR denied "), "\(mappers)")
        #expect(reply.hasSuffix("\nOK \"pong\"\n"))
        #expect(dialogue.descriptorPositions == (isAllowed ? [0] : []))
      }
    }
  }

  @Test("to map follows a changed setting on a connection that is there")
  func mapReloaded() throws {
    let dialogue = try Dialogue(role: .app, mappers: .nobody)
    #expect(dialogue.ask("MAP").hasPrefix("ERR denied "))
    dialogue.executor.mappers = .these(users: [], groups: [4000])
    #expect(dialogue.ask("MAP").hasPrefix("OK "))
    dialogue.executor.mappers = .these(users: [], groups: [4001])
    #expect(dialogue.ask("MAP").hasPrefix("ERR denied "))
  }

  @Test("that tells of reads out of a mapping adds them up, and no number makes the sum wrap")
  func readsTold() throws {
    let dialogue = try Dialogue(role: .app, mappers: .nobody)
    #expect(dialogue.ask("READS 12") == "OK")
    #expect(dialogue.ask("READS 30") == "OK")
    #expect(dialogue.ask("READS 0").hasPrefix("ERR syntax "))
    #expect(dialogue.ask("STATS").contains(#""mapped":{"hits":42,"maps":0},"connections":{"#))
    for _ in 0..<5000 { dialogue.statistics.addMappedHits(1 << 53) }
    dialogue.statistics.addMappedHits(.max)
    #expect(dialogue.ask("STATS").contains(#""mapped":{"hits":72057594037927936,"maps":0}"#))
  }
}

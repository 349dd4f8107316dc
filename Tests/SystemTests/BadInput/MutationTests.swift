import TestSupport
import Testing

@Suite("Lines with random faults")
struct MutationTests {
  private static let corpus = [
    "GET s1 theme", "PEEK s1", "MGET s1 a b c",
    #"SET s1 theme IF 0 TTL 60 {"a":[1,2.5e3,"x\u00e9"],"b":null}"#,
    #"MSET s1 TTL 0.5 {"a":1,"b":[true],"c":{"d":"e"}}"#, "DEL s2 a b", "INCR s1 n -9223372036854775808",
    "EXISTS s1",
    "TTL s1", "EXPIRE s1 31.5", #"TOUCH s1 "s 2" s3"#, "INFO s1", "LIST MATCH s AFTER s1 LIMIT 10", "STATS",
    "HELLO 1",
    "PING", "HELP", "MAP", "READS 12",
    #"MSET s1 DROP a DROP "b c" {"d":1}"#, #"NEW TTL 60 {"a":1}"#, #"RENAME s2 "s 3" GRACE 0.5"#,
    "RENAME s4 GRACE 5", "REVOKE s5 s6",
    "REVOKEALL group", #"TAG s1 a "b c""#, "UNTAG s1 a b", "TAGGED a AFTER s1 LIMIT 10",
    #"WATCH s1 "s 2" SINCE 17"#, "UNWATCH", "WHY s5", "DUMP s1",
    #"RESTORE {"session":"s7","version":7,"idle":60,"tags":["a","\u00e9"],"data":{"k":[1,{"x":null}]}}"#,
  ].map { Array($0.utf8) }

  /// Bytes that mean something to the parser come up more often than others.
  private static let telling =
    Array("\"\\{}[]:,0123456789.-+eE \r\n\t\0\u{7f}é".utf8) + [0xff, 0xc0, 0xed, 0x80]

  @Test(
    "20,000 faulty lines each get one reply, and touch nobody else's session",
    arguments: [1, 2, 3] as [UInt64])
  func faultyLines(seed: UInt64) throws {
    try withDaemon { daemon in
      let witness = try daemon.connect()
      _ = try witness.request(#"MSET "nobody else's" TTL 1000 {"a":1,"b":[2]}"#).version
      let before = try SessionSnapshot(of: #""nobody else's""#, on: witness)
      var random = SplitMix64(seed: seed)
      let connection = try daemon.connect()
      for round in 0..<20 {
        var bytes: [UInt8] = []
        for _ in 0..<1000 { bytes += Self.fault(Self.corpus.randomElement(using: &random)!, &random) + [10] }
        let lines = bytes.count { $0 == 10 }
        let replies = try connection.exchange(bytes, replies: lines, skippingEvents: true)
        let odd = replies.first { !$0.isReply }
        #expect(odd == nil, "seed \(seed), round \(round)")
        let pong = try connection.exchange(Array("PING\n".utf8), replies: 1, skippingEvents: true)
        #expect(pong == [#"OK "pong""#], "seed \(seed), round \(round)")
      }
      #expect(try SessionSnapshot(of: #""nobody else's""#, on: witness) == before, "seed \(seed)")
    }
  }

  private static func fault(_ line: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var line = line
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...line.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: line.insert(telling.randomElement(using: &random)!, at: place)
      case 1: line.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 2 where place < line.count: line.remove(at: place)
      case 3 where place < line.count: line[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 4: line.removeSubrange(place...)
      default: line.insert(contentsOf: line[place...], at: place)
      }
    }
    return line
  }
}

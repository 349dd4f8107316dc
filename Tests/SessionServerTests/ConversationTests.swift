import SessionCache
import TestSupport
import Testing

@testable import SessionServer

@Suite("A conversation")
struct ConversationTests {
  /// Every kind of line, those that are refused among them.
  private let stream = Array(
    """
    PING
    SET s1 theme "dark"\r
    GET s1 theme

    MSET s1 { "a" : 1, "b c" : [ true, "é" ] }
    GET s1\r
    NOSUCH
    SET s1 k \(String(repeating: "[", count: 30))
    \(String(repeating: "x", count: 200))
    GET "s1" "b c"
    INCR s1 n 5
    SET s2 k TTL 0.5 "\(String(repeating: "y", count: 47))"
    SET s2 k TTL 0.5 "\(String(repeating: "y", count: 45))"
    INFO s1
    LIST MATCH s1
    MGET s1 n a
    DEL s1 a
    FLUSH
    GET s1
    EXISTS s2
    QUIT
    PING

    """.utf8)

  private func reply(cutting cut: () -> Int) throws -> (String, Conversation.Pause) {
    let dialogue = try Dialogue(cache: makeCache(bytes: 0), lineBytesMost: 64)
    var reply = ""
    var position = 0
    var pause = Conversation.Pause.needsInput
    while position < stream.count, pause == .needsInput {
      let end = min(stream.count, position + cut())
      let step = dialogue.run(stream[position..<end])
      reply += step.reply
      pause = step.pause
      position = end
    }
    return (reply, pause)
  }

  @Test("has the same replies however the stream of requests is cut")
  func chunkings() throws {
    let whole = try reply { stream.count }
    #expect(whole.1 == .closing)
    let lines = whole.0.split(separator: "\n")
    #expect(lines.count == 21)
    #expect(lines.count { $0.hasPrefix("ERR too-large ") } == 2)
    #expect(lines[17] == "OK 2")
    #expect(lines[18] == "NIL")
    #expect(lines.last == "OK")
    var random = SplitMix64(seed: 8)
    for round in 0..<400 {
      let longest = 1 << Int.random(in: 0...9, using: &random)
      let cut = try reply { Int.random(in: 1...longest, using: &random) }
      // Not compared in the macro, which would print both at length.
      let isSame = cut == whole
      #expect(isSame, "round \(round)")
    }
  }

  @Test("ends with QUIT: what follows is not executed")
  func quit() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.take("SET s k 1\nQUIT\nDEL s\n".utf8).pause == .closing)
    #expect(dialogue.take("DEL s\n".utf8) == (.closing, ""))
    #expect(dialogue.goOn() == (.closing, ""))
    #expect(dialogue.end() == "")
    #expect(!dialogue.conversation.hasPartialLine)
    #expect(dialogue.cache.sessionCount == 1)
  }

  @Test("refuses a line over the limit once, keeps nothing of it, and goes on")
  func tooLong() throws {
    let dialogue = try Dialogue(lineBytesMost: 20)
    let first = dialogue.take("SET s k \"\(String(repeating: "x", count: 30))".utf8)
    #expect(first.pause == .needsInput)
    #expect(first.reply.hasPrefix("ERR too-large the line has more than 20 bytes"))
    #expect(dialogue.conversation.hasPartialLine)
    #expect(dialogue.take(repeatElement(UInt8(ascii: "y"), count: 100_000)) == (.needsInput, ""))
    #expect(dialogue.take("\"\nPING\n".utf8) == (.needsInput, "OK \"pong\"\n"))
    #expect(!dialogue.conversation.hasPartialLine)
    #expect(dialogue.conversation.linesTaken == 2)
  }

  @Test("follows a new limit for lines")
  func newLimit() throws {
    let dialogue = try Dialogue(lineBytesMost: 4)
    #expect(dialogue.ask("GET s k").hasPrefix("ERR too-large "))
    dialogue.conversation.setLineLimit(10)
    #expect(dialogue.ask("GET s k") == "NIL")
  }

  @Test("does not execute a last line without an end")
  func unfinished() throws {
    let dialogue = try Dialogue()
    #expect(dialogue.take("PING\nSET s k 1".utf8) == (.needsInput, "OK \"pong\"\n"))
    #expect(dialogue.conversation.hasPartialLine)
    #expect(dialogue.end() == "ERR syntax the last line has no end; it was not executed\n")
    #expect(dialogue.cache.sessionCount == 0)
  }

  @Test("says nothing at the end of whole lines, nor twice of a line that was too long")
  func quietEnd() throws {
    let dialogue = try Dialogue(lineBytesMost: 10)
    #expect(dialogue.end() == "")
    _ = dialogue.take("PING\n".utf8)
    #expect(dialogue.end() == "")
    #expect(dialogue.take("a line over the limit".utf8).reply.hasPrefix("ERR too-large "))
    #expect(dialogue.end() == "")
  }

  @Test("pauses when its replies are long, and goes on in order")
  func longReplies() throws {
    let dialogue = try Dialogue()
    let value = "\"" + String(repeating: "x", count: 100_000) + "\""
    _ = dialogue.ask("SET s k \(value)")
    let requests = (0..<10).map { "GET s k\nINCR s n\($0 % 2)\n" }.joined()
    let expected = (0..<10).map { "OK \(value)\nOK \($0 / 2 + 1)\n" }.joined()
    var (pause, reply) = dialogue.take(requests.utf8)
    var rounds = 0
    while pause == .replyIsLong, rounds < 100 {
      let step = dialogue.goOn()
      // What one turn can make the daemon hold: so much, and the reply that went over it.
      #expect(step.reply.utf8.count < Conversation.replyBytesMost + value.utf8.count + 100)
      pause = step.pause
      reply += step.reply
      rounds += 1
    }
    #expect(rounds == 3)
    #expect(pause == .needsInput)
    #expect(reply == expected)
  }

  @Test("pauses when the time of its turn is used up, and goes on in order")
  func turns() throws {
    // Every line takes a quarter of a turn.
    let dialogue = try Dialogue(clock: MovedClock(step: Conversation.turnNanoseconds / 4))
    let requests = String(repeating: "INCR s n\n", count: 6)
    #expect(dialogue.take(requests.utf8) == (.turnIsOver, "OK 1\nOK 2\nOK 3\nOK 4\n"))
    // What comes meanwhile is served behind what was there.
    #expect(dialogue.take("GET s n\nINCR s n\nINCR s n\n".utf8) == (.turnIsOver, "OK 5\nOK 6\nOK 6\nOK 7\n"))
    #expect(dialogue.goOn() == (.needsInput, "OK 8\n"))
    #expect(!dialogue.conversation.hasPartialLine)
  }

  @Test("finishes a line that takes longer than a turn, one line a turn")
  func longLines() throws {
    let dialogue = try Dialogue(clock: MovedClock(step: 2 * Conversation.turnNanoseconds))
    #expect(dialogue.take("INCR s n\nINCR s n\n".utf8) == (.turnIsOver, "OK 1\n"))
    #expect(dialogue.goOn() == (.turnIsOver, "OK 2\n"))
    #expect(dialogue.goOn() == (.needsInput, ""))
  }

  @Test("keeps what comes while it pauses behind what is there")
  func inputWhilePaused() throws {
    let dialogue = try Dialogue()
    let value = "\"" + String(repeating: "x", count: 300_000) + "\""
    _ = dialogue.ask("SET s k \(value)")
    #expect(dialogue.take("GET s k\nINCR s n\nINC".utf8) == (.replyIsLong, "OK \(value)\n"))
    #expect(dialogue.take("R s n\nINCR s n\n".utf8) == (.needsInput, "OK 1\nOK 2\nOK 3\n"))
  }

  @Test("pauses when many descriptors are to go, and goes on in order")
  func manyDescriptors() throws {
    let dialogue = try Dialogue()
    var (pause, reply) = dialogue.take((String(repeating: "MAP\n", count: 150) + "PING\n").utf8)
    var counts = [dialogue.descriptorPositions.count]
    while pause == .replyIsLong, counts.count < 10 {
      let step = dialogue.goOn()
      pause = step.pause
      reply += step.reply
      counts.append(dialogue.descriptorPositions.count)
    }
    #expect(counts == [64, 64, 22])
    let lines = reply.split(separator: "\n")
    #expect(lines.count == 151)
    #expect(lines.dropLast().allSatisfy { $0.hasPrefix("OK {") })
    #expect(lines.last == "OK \"pong\"")
  }

  @Test("answers a FLUSH in slices, and the lines behind it afterwards")
  func flush() throws {
    let dialogue = try Dialogue(cache: makeCache(shards: 128))
    for number in 0..<50 { _ = dialogue.ask("SET s\(number) k 1") }
    #expect(dialogue.take("FLUSH\nGET s1 k\nSET s1 k 2\nGET s1 k\n".utf8) == (.requestIsLong, ""))
    var slices = 0
    var step = dialogue.goOn()
    while step.pause == .requestIsLong, slices < 100 {
      #expect(step.reply == "")
      slices += 1
      step = dialogue.goOn()
    }
    #expect(slices >= 1)
    let lines = step.reply.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.first == "OK 50")
    #expect(lines.dropFirst().first == "NIL")
    #expect(lines.last == "OK 2")
  }

  @Test("answers what comes during a FLUSH behind it")
  func inputWhileFlushing() throws {
    let dialogue = try Dialogue(cache: makeCache(shards: 128))
    #expect(dialogue.take("FLUSH\n".utf8) == (.requestIsLong, ""))
    #expect(dialogue.run("PING\n".utf8) == (.needsInput, "OK 0\nOK \"pong\"\n"))
  }
}

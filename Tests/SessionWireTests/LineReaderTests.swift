import SessionWire
import TestSupport
import Testing

@Suite("The line reader")
struct LineReaderTests {
  private let limit = 12

  private func steps(_ stream: String, limit: Int = 12) -> [StreamCutter.Step] {
    var cutter = StreamCutter(limit: limit)
    cutter.feed(stream.utf8)
    return cutter.steps
  }

  @Test("ends a line at LF and drops one CR before it")
  func lineEnds() {
    #expect(
      steps("one\ntwo\r\n\n\r\nthree\r\r\n") == [
        .line("one"), .line("two"), .line(""), .line(""), .line("three\r"),
      ])
    #expect(steps("a\rb\n\rc\n") == [.line("a\rb"), .line("\rc")])
  }

  @Test("keeps the beginning of a line until its end has come")
  func unfinished() {
    var cutter = StreamCutter(limit: limit)
    cutter.feed("on".utf8)
    #expect(cutter.steps.isEmpty)
    #expect(cutter.kept == Array("on".utf8))
    cutter.feed("e\nt".utf8)
    #expect(cutter.steps == [.line("one")])
    #expect(cutter.kept == Array("t".utf8))
  }

  @Test("takes a line of exactly the limit, its line end not counted")
  func limitIsInclusive() {
    let most = String(repeating: "x", count: limit)
    #expect(steps("\(most)\n") == [.line(most)])
    #expect(steps("\(most)\r\n") == [.line(most)])
    #expect(steps("\(most)x\nnext\n") == [.tooLong, .line("next")])
    #expect(steps("\(most)x\r\nnext\n") == [.tooLong, .line("next")])
    #expect(steps("\(most)\r\r\nnext\n") == [.tooLong, .line("next")])
  }

  @Test("tells a line over the limit as soon as it is known, once")
  func tooLong() {
    var cutter = StreamCutter(limit: limit)
    cutter.feed(repeatElement(UInt8(ascii: "x"), count: limit + 2))
    #expect(cutter.steps == [.tooLong])
    #expect(cutter.reader.isSkipping)
    cutter.feed(repeatElement(UInt8(ascii: "x"), count: 1000))
    cutter.feed("\nnext\n".utf8)
    #expect(cutter.steps == [.tooLong, .line("next")])
    #expect(!cutter.reader.isSkipping)
  }

  @Test("skips in constant memory")
  func skipping() {
    var cutter = StreamCutter(limit: limit)
    for _ in 0..<1000 {
      cutter.feed(repeatElement(UInt8(ascii: "x"), count: 1024))
      #expect(cutter.kept.isEmpty)
    }
    cutter.feed("\n\n".utf8)
    #expect(cutter.steps == [.tooLong, .line("")])
  }

  @Test("follows a limit that is changed in the middle of a line")
  func changedLimit() {
    var reader = LineReader(limit: 100)
    let bytes = Array("0123456789".utf8)
    var position = 0
    #expect(reader.next(in: bytes.span, from: &position) == .incomplete)
    reader.limit = 4
    #expect(reader.next(in: bytes.span, from: &position) == .tooLong)
    #expect(position == bytes.count)
  }

  @Test("finds the same lines however the stream is cut")
  func chunkings() {
    let most = String(repeating: "m", count: limit)
    let lines = [
      "PING\n", "GET a\r\n", "\n", "\r\n", "\(most)\n", "\(most)\r\n", "\(most)n\n", "\(most)n\r\n",
      "\(most)\r\r\n", "x\r\n", "\(most)\(most)\(most)\n", "\r\r\n", "y\n", "rest",
    ]
    let stream = Array(lines.joined().utf8)
    var whole = StreamCutter(limit: limit)
    whole.feed(stream)
    #expect(whole.steps.count == lines.count - 1)
    var random = SplitMix64(seed: 1)
    for round in 0..<8192 {
      var cutter = StreamCutter(limit: limit)
      // From a byte at a time to almost everything at once.
      let longest = 1 << Int.random(in: 0...7, using: &random)
      var position = 0
      while position < stream.count {
        let end = min(stream.count, position + Int.random(in: 1...longest, using: &random))
        cutter.feed(stream[position..<end])
        #expect(cutter.kept.count <= limit + 1)
        position = end
      }
      #expect(cutter.steps == whole.steps, "round \(round)")
      #expect(cutter.kept == whole.kept)
    }
  }
}

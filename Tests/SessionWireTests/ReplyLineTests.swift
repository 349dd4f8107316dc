import SessionWire
import Testing

@Suite struct ReplyLineTests {
  private func parse(_ line: String) throws(ReplyLine.Malformed) -> ReplyLine {
    try ReplyLine(parsing: ArraySlice(line.utf8))
  }

  @Test("OK alone is an answer without a value")
  func done() throws {
    #expect(try parse("OK") == .done)
  }

  @Test(
    "the bytes of a value are kept as they came",
    arguments: ["null", "1e3", #"{"a": 1.50}"#, #""OK \u00e9""#, " x", "\"\u{FF}\""])
  func value(json: String) throws {
    #expect(try parse("OK \(json)") == .value(Array(json.utf8)))
  }

  @Test("a value that is no UTF-8 is kept as well")
  func binary() throws {
    #expect(try ReplyLine(parsing: [0x4F, 0x4B, 0x20, 0xFF, 0x00]) == .value([0xFF, 0x00]))
  }

  @Test("NIL is neither a value nor an error")
  func none() throws {
    #expect(try parse("NIL") == .none)
  }

  @Test("an error has its code and its text")
  func refused() throws {
    #expect(try parse("ERR full the cache is full") == .refused(.full, text: "the cache is full"))
    #expect(try parse("ERR stopping") == .refused(.stopping, text: ""))
  }

  @Test("a code that this version does not know is kept")
  func openSet() throws {
    #expect(try parse("ERR moved on") == .refused(ErrorCode(rawValue: "moved"), text: "on"))
  }

  @Test("a conflict tells the current version")
  func conflict() throws {
    #expect(try parse("ERR conflict current version 42").conflictVersion == 42)
    #expect(try parse("ERR conflict current version 0").conflictVersion == 0)
  }

  @Test(
    "nothing else tells a version",
    arguments: [
      "OK 42", "NIL", "ERR full 42", "ERR conflict", "ERR conflict current version x",
      "ERR conflict current version -1", "ERR conflict current version 9223372036854775808",
    ])
  func noVersion(line: String) throws {
    #expect(try parse(line).conflictVersion == nil)
  }

  @Test(
    "anything else is malformed",
    arguments: [
      "", "OK ", "OKAY", "ok", "NIL ", "NILL", "ERR", "ERR ", "ERR  text", "ERRfull x", "EVENT {}", "OK\r",
      "HTTP/1.1 400 Bad Request",
    ])
  func malformed(line: String) {
    #expect(throws: ReplyLine.Malformed.self) { try parse(line) }
  }

  @Test("the line of an event is told apart from every reply, and its JSON text kept as it came")
  func events() {
    func event(_ line: String) -> String? {
      ReplyLine.event(in: ArraySlice(line.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(event(#"EVENT {"seq":7,"event":"missed"}"#) == #"{"seq":7,"event":"missed"}"#)
    for line in ["", "EVENT", "EVENT ", "EVENTS {}", "event {}", "OK 1", "OK EVENT {}", "NIL", "ERR limit x"]
    {
      #expect(event(line) == nil)
    }
  }

  @Test("what is shown of a malformed line is short and printable")
  func excerpt() {
    let line = [0x1B, 0xFF, 0x41] + [UInt8](repeating: 0x42, count: 1000)
    #expect(throws: ReplyLine.Malformed.self) { try ReplyLine(parsing: line[...]) }
    do {
      _ = try ReplyLine(parsing: line[...])
    } catch {
      #expect(error.excerpt == "??A" + String(repeating: "B", count: 37))
      #expect(error.description.contains("??A"))
    }
  }

  @Test("the codes of the protocol have their words")
  func codes() {
    let codes: [ErrorCode] = [
      .syntax, .unknown, .tooLarge, .badJSON, .conflict, .type, .full, .revoked, .denied, .limit,
      .unavailable,
      .stopping,
    ]
    let words =
      "syntax unknown too-large bad-json conflict type full revoked denied limit unavailable stopping"
    #expect(codes.map(\.description).joined(separator: " ") == words)
    #expect(codes.allSatisfy { $0.rawValue.utf8.count <= 15 })
  }
}

import SessionWire
import Testing

@Suite struct RequestWriterTests {
  private func text(_ writer: RequestWriter) -> String {
    String(decoding: writer.line, as: UTF8.self)
  }

  @Test("a SET carries its options before the value")
  func set() throws {
    var request = RequestWriter(.set)
    try request.session("s1")
    try request.key("theme")
    try request.ifVersion(7)
    try request.timeToLive(.seconds(60))
    try request.value(#""dark""#.utf8)
    #expect(text(request) == "SET s1 theme IF 7 TTL 60 \"dark\"\n")
  }

  @Test("every command begins a line with its name", arguments: Command.allCases)
  func commands(command: Command) {
    #expect(text(RequestWriter(command)) == command.name + "\n")
  }

  @Test(
    "a word is quoted where it holds a space or a quote, and nowhere else",
    arguments: [
      ("plain", "plain"), ("a b", #""a b""#), (" ", #"" ""#), (#"say "hi""#, #""say \"hi\"""#),
      (#"back\slash"#, #"back\slash"#), (#"a \b"#, #""a \\b""#), ("straße:日本", "straße:日本"),
      ("IF", "IF"), ("{}", "{}"), ("é\u{A0}x", "é\u{A0}x"),
    ])
  func quoting(word: String, written: String) throws {
    var request = RequestWriter(.get)
    try request.session(word)
    #expect(text(request) == "GET \(written)\n")
  }

  @Test("a name of 255 bytes is written and one of 256 is refused")
  func lengths() throws {
    var request = RequestWriter(.get)
    try request.session(String(repeating: "x", count: 255))
    #expect(request.line.count == 4 + 255 + 1)
    #expect(throws: RequestWriter.Refusal.tooLong(.key, bytes: 256)) {
      try request.key(String(repeating: "é", count: 128))
    }
    #expect(throws: RequestWriter.Refusal.empty(.session)) { try request.session("") }
  }

  @Test(
    "control characters are refused in every name",
    arguments: ["\n", "a\r", "\0", "\t", "\u{1F}", "\u{7F}", "\u{80}", "x\u{9F}"])
  func controlCharacters(name: String) {
    var request = RequestWriter(.get)
    #expect(throws: RequestWriter.Refusal.controlCharacter(.session)) { try request.session(name) }
    #expect(throws: RequestWriter.Refusal.controlCharacter(.key)) { try request.key(name) }
    #expect(throws: RequestWriter.Refusal.controlCharacter(.prefix)) { try request.match(prefix: name) }
  }

  @Test(
    "times to live are written in seconds with at most three decimals",
    arguments: [
      (Duration.seconds(600), "600"), (.milliseconds(1), "0.001"), (.milliseconds(1500), "1.500"),
      (.microseconds(1), "0.001"), (.microseconds(1_999_001), "2"), (.seconds(315_360_000), "315360000"),
    ])
  func seconds(duration: Duration, written: String) throws {
    var request = RequestWriter(.expire)
    try request.seconds(duration)
    #expect(text(request) == "EXPIRE \(written)\n")
  }

  @Test(
    "times to live out of range are refused",
    arguments: [Duration.zero, .seconds(-1), .seconds(315_360_000) + .nanoseconds(1), .seconds(Int64.max)])
  func secondsOutOfRange(duration: Duration) {
    var request = RequestWriter(.expire)
    #expect(throws: RequestWriter.Refusal.timeToLiveOutOfRange(duration)) { try request.seconds(duration) }
  }

  @Test("a negative version is refused")
  func versions() throws {
    var request = RequestWriter(.set)
    #expect(throws: RequestWriter.Refusal.negativeVersion(-1)) { try request.ifVersion(-1) }
    try request.ifVersion(.max)
    #expect(text(request) == "SET IF 9223372036854775807\n")
  }

  @Test("line breaks between tokens become spaces")
  func lineBreaksBetweenTokens() throws {
    var request = RequestWriter(.mset)
    try request.value("{\r\n\"a\\\"\":\n1,\"b\":\"\\\\\"\n}".utf8)
    #expect(text(request) == "MSET {  \"a\\\"\": 1,\"b\":\"\\\\\" }\n")
  }

  @Test("a value can't smuggle in a second request")
  func noSecondRequest() throws {
    var request = RequestWriter(.set)
    try request.value("1\nFLUSH".utf8)
    #expect(text(request) == "SET 1 FLUSH\n")
    #expect(throws: RequestWriter.Refusal.lineBreakInString(at: 2)) { try request.value("\"a\n\"".utf8) }
    #expect(throws: RequestWriter.Refusal.lineBreakInString(at: 2)) { try request.value("\"\\\n\"".utf8) }
    #expect(throws: RequestWriter.Refusal.emptyValue) { try request.value([]) }
  }

  @Test("a listing names its prefix, its place and its limit")
  func list() throws {
    var request = RequestWriter(.list)
    try request.match(prefix: "user 1")
    try request.after("s9")
    request.limit(10)
    #expect(text(request) == "LIST MATCH \"user 1\" AFTER s9 LIMIT 10\n")
  }

  @Test("what the writer writes of a log-in, a log-out, tags and events, the parser understands")
  func roundTrips() throws {
    func expect(
      _ meaning: String, _ command: Command, sourceLocation: SourceLocation = #_sourceLocation,
      _ build: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void
    ) throws {
      var request = RequestWriter(command)
      try build(&request)
      var parser = RequestParser()
      #expect(
        parser.understand(Array(request.line.dropLast())) == .success(meaning), sourceLocation: sourceLocation
      )
    }
    try expect("NEW", .new) { _ in }
    try expect("NEW ttl 60000000000 ns <a> = 1", .new) { request throws(RequestWriter.Refusal) in
      try request.timeToLive(.seconds(60))
      try request.value(#"{"a":1}"#.utf8)
    }
    try expect("MSET <s> if 7 drop <DROP> <a b> <a> = 1", .mset) { request throws(RequestWriter.Refusal) in
      try request.session("s")
      try request.ifVersion(7)
      try request.drop("DROP")
      try request.drop("a b")
      try request.value(#"{"a":1}"#.utf8)
    }
    // Names that a bare word would be taken for something else.
    for name in ["new id", "GRACE", "grace", "Since", "*", "**", "\"", "TTL"] {
      try expect("RENAME <\(name)> to <\(name)> grace 1500000000 ns", .rename) {
        request throws(RequestWriter.Refusal) in
        try request.session(name)
        try request.session(name)
        try request.grace(.milliseconds(1500))
      }
      try expect("REVOKE <\(name)> <\(name)>", .revoke) { request throws(RequestWriter.Refusal) in
        try request.session(name)
        try request.session(name)
      }
      try expect("TAG <\(name)> tags <\(name)>", .tag) { request throws(RequestWriter.Refusal) in
        try request.session(name)
        try request.tag(name)
      }
      try expect("TAGGED <\(name)> after <\(name)> limit 7", .tagged) {
        request throws(RequestWriter.Refusal) in
        try request.tag(name)
        try request.after(name)
        request.limit(7)
      }
      try expect("WATCH <\(name)> <\(name)> since 9223372036854775807", .watch) {
        request throws(RequestWriter.Refusal) in
        try request.session(name)
        try request.session(name)
        request.since(UInt64(Int64.max))
      }
    }
    try expect("WATCH all since 0", .watch) { request in
      request.everySession()
      request.since(0)
    }
    try expect("RESTORE <s> version 7 tags <t> data <a> = 1", .restore) {
      request throws(RequestWriter.Refusal) in
      try request.value("{\"session\":\"s\",\n\"version\":7,\"tags\":[\"t\"],\"data\":{\"a\":1}}".utf8)
    }
  }

  @Test("a tag has the limits of an id, and a grace those of a time to live")
  func tagsAndGraces() {
    var request = RequestWriter(.tag)
    #expect(throws: RequestWriter.Refusal.empty(.tag)) { try request.tag("") }
    #expect(throws: RequestWriter.Refusal.controlCharacter(.tag)) { try request.tag("a\n") }
    #expect(throws: RequestWriter.Refusal.tooLong(.tag, bytes: 256)) {
      try request.tag(String(repeating: "é", count: 128))
    }
    #expect(throws: RequestWriter.Refusal.timeToLiveOutOfRange(.zero)) { try request.grace(.zero) }
  }

  @Test("reads out of the mapping are told as a number")
  func reads() {
    var request = RequestWriter(.reads)
    request.number(1 << 53)
    #expect(text(request) == "READS 9007199254740992\n")
  }

  @Test("strings are escaped as JSON demands and no further")
  func strings() {
    var bytes: [UInt8] = []
    RequestWriter.appendString("a/\"\\\n\r\t\0\u{1F}\u{7F}é😀", to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == #""a/\"\\\n\r\t\u0000\u001f"# + "\u{7F}é😀\"")
  }

  @Test("every refusal says what is allowed")
  func descriptions() {
    let refusals: [(RequestWriter.Refusal, String)] = [
      (.empty(.key), "1 to 255 bytes"), (.tooLong(.session, bytes: 300), "at most 255"),
      (.controlCharacter(.prefix), "none are allowed"), (.negativeVersion(-4), "versions start at 1"),
      (.timeToLiveOutOfRange(.zero), "10 years"), (.emptyValue, "one JSON value"),
      (.lineBreakInString(at: 3), "byte 3"),
    ]
    for (refusal, part) in refusals { #expect(refusal.description.contains(part)) }
  }
}

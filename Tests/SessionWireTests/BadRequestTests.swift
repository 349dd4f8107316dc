import SessionWire
import TestSupport
import Testing

@Suite("The request parser, given what the protocol does not allow,")
struct BadRequestTests {
  private func expect(
    _ code: ErrorCode, _ lines: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expect(code, bytes: lines.map { Array($0.utf8) }, sourceLocation: sourceLocation)
  }

  private func expect(
    _ code: ErrorCode, bytes lines: [[UInt8]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var parser = RequestParser()
    for line in lines {
      let result = parser.understand(line, sourceLocation: sourceLocation)
      #expect(
        result.code == code, "\(String(decoding: line.prefix(80), as: UTF8.self))",
        sourceLocation: sourceLocation)
      guard case .failure(let error) = result else { continue }
      #expect(
        !error.text.isEmpty && error.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F },
        "the text is one line for people", sourceLocation: sourceLocation)
    }
  }

  @Test("refuses unknown commands")
  func unknown() {
    expect(
      .unknown,
      [
        "NOSUCH", "GETT s", "GE s", "PINGPONG", "PINGPONGPANG", "\"PING\"", "PING\t", "\tPING", "1", "{}",
        "ÄÖ",
        "GET\0s", "GET/s", "*1", "HELLO 0", "HELLO 2", "HELLO x", "HELLO -1", "HELLO 18446744073709551617",
      ])
  }

  @Test("refuses a line without words")
  func empty() {
    expect(.syntax, ["", " ", "          "])
  }

  @Test("refuses missing words")
  func missing() {
    expect(
      .syntax,
      [
        "GET", "GET ", "PEEK", "MGET", "MGET s", "SET", "SET s", "SET s k", "SET s k ", "SET s k IF",
        "SET s k IF 1",
        "SET s k TTL", "SET s k TTL 1", "MSET", "MSET s", "MSET s IF 1", "MSET s DROP", "MSET s DROP k",
        "DEL", "INCR", "INCR s", "EXISTS",
        "TTL",
        "EXPIRE", "EXPIRE s", "TOUCH", "INFO", "LIST MATCH", "LIST AFTER", "LIST LIMIT", "READS",
        "NEW TTL", "RENAME", "RENAME s GRACE", "RENAME s new GRACE", "REVOKE", "REVOKEALL", "TAG", "TAG s",
        "UNTAG", "UNTAG s", "TAGGED", "TAGGED t AFTER", "TAGGED t LIMIT", "WATCH", "WATCH SINCE 5",
        "WATCH s SINCE", "WATCH * SINCE", "WHY", "DUMP", "RESTORE",
      ])
  }

  @Test("refuses words left over and options given twice")
  func extra() {
    expect(
      .syntax,
      [
        "HELLO 1 1", "PING x", "HELP x", "QUIT now", "STATS x", "METRICS x", "FLUSH x", "MAP x", "READS 1 x",
        "GET s k x",
        "PEEK s k x",
        "INCR s k 1 x",
        "EXISTS s x", "TTL s x", "EXPIRE s 1 x", "INFO s x", "LIST x", "LIST LIMIT 1 x", "LIST \"MATCH\" a",
        "LIST MATCH a MATCH b", "LIST AFTER a AFTER b", "LIST LIMIT 1 LIMIT 2", "SET s k IF 1 IF 1 5",
        "SET s k TTL 1 TTL 1 5", "MSET s IF 1 TTL 1 IF 1 {}",
        "MSET s IF 1 DROP k IF 1 {}", "MSET s TTL 1 DROP k DROP l TTL 1 {}",
        "NEW TTL 1 TTL 1", "RENAME s new x", "RENAME s new GRACE 1 x", "RENAME s GRACE 1 new",
        "RENAME s GRACE 1 GRACE 1", "RENAME s GRACE GRACE 1", "REVOKEALL t u", "TAGGED t x",
        "TAGGED t MATCH a", "TAGGED t LIMIT 1 LIMIT 1", "TAGGED t AFTER a AFTER a", "WATCH * s", "WATCH s *",
        "WATCH * *", "WATCH s SINCE 1 s", "WATCH * SINCE 1 SINCE 1", "UNWATCH s", "WHY s t", "DUMP s t",
      ])
  }

  @Test("refuses empty names")
  func emptyNames() {
    expect(
      .syntax,
      [
        #"GET """#, #"GET s """#, #"MGET s a """#, #"SET "" k 1"#, #"SET s "" 1"#, #"MSET "" {}"#,
        #"MSET s {"":1}"#,
        #"DEL s """#, #"TOUCH """#, #"LIST MATCH """#, #"LIST AFTER """#, #"INCR s k """#, #"EXPIRE s """#,
        #"SET s k IF "" 1"#, #"SET s k TTL "" 1"#,
        #"RENAME """#, #"RENAME s """#, #"RENAME s GRACE """#, #"REVOKE s """#, #"REVOKEALL """#,
        #"TAG "" t"#,
        #"TAG s """#, #"UNTAG s a """#, #"TAGGED """#, #"TAGGED t AFTER """#, #"TAGGED t LIMIT """#,
        #"WATCH """#, #"WATCH s SINCE """#, #"WHY """#, #"DUMP """#, #"NEW TTL """#, #"MSET s DROP "" {}"#,
        #"NEW {"":1}"#,
      ])
  }

  @Test("refuses control characters in names, written out or escaped")
  func controlCharacters() {
    let characters = (0...0x1F).map { UInt8($0) } + [0x7F]
    expect(.syntax, bytes: characters.map { Array("GET a".utf8) + [$0] })
    expect(.syntax, bytes: characters.map { Array("GET \"a".utf8) + [$0] + Array("\"".utf8) })
    expect(.syntax, bytes: (0x80...0x9F).map { Array("GET a".utf8) + [0xC2, $0] })
    expect(.syntax, [#"GET "\u0000""#, #"GET "\n""#, #"GET "\t""#, #"GET "\u007f""#, #"GET "\u0085""#])
    expect(.syntax, [#"MSET s {"\n":1}"#, #"MSET s {"\u009f":1}"#])
  }

  @Test("refuses names that are not UTF-8")
  func notUTF8() {
    let sequences: [[UInt8]] = [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
      [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]
    expect(.syntax, bytes: sequences.map { Array("GET a".utf8) + $0 })
    expect(.syntax, bytes: sequences.map { Array("GET s a".utf8) + $0 + Array("b c".utf8) })
    expect(.syntax, bytes: sequences.map { Array("GET \"a".utf8) + $0 + Array("\"".utf8) })
    expect(.badJSON, bytes: sequences.map { Array("SET s k \"a".utf8) + $0 + Array("\"".utf8) })
    expect(.badJSON, bytes: sequences.map { Array("MSET s {\"a".utf8) + $0 + Array("\":1}".utf8) })
  }

  @Test("refuses words with quotes in the wrong place")
  func quotes() {
    expect(
      .syntax,
      [
        #"GET a"b"#, #"GET a"b""#, #"GET "a"#, #"GET ""#, #"GET "a\"#, #"GET "a\""#, #"GET "a"b"#,
        #"GET "a""b""#, #"GET"a""#, #"GET "\x""#, #"GET "\u12""#, #"GET "\u12g4""#, #"SET s k"1" 2"#,
        #"SET s k IF 1"2" 3"#,
      ])
  }

  @Test("refuses an option without a space behind it")
  func optionsWithoutSpace() {
    expect(
      .syntax,
      [
        #"SET s k IF"1" 2"#, #"SET s k TTL"1" 2"#, #"MSET s IF"1" {}"#, #"LIST MATCH"a""#, #"LIST AFTER"a""#,
        #"LIST LIMIT"1""#, #"NEW TTL"1""#, #"MSET s DROP"k" {}"#, #"RENAME s GRACE"1""#,
        #"TAGGED t LIMIT"1""#, #"WATCH s SINCE"1""#,
        #"WATCH *"s""#,
      ])
  }

  @Test("refuses a word with half a surrogate pair")
  func surrogates() {
    expect(
      .syntax,
      [
        #"GET "\ud800""#, #"GET "\udc00""#, #"GET "\ud800\ud800""#, #"GET "\ud83d\u0041""#, #"GET "\ud83dx""#,
        #"GET "\ude00\ud83d""#, #"GET "\ud83d\ude0""#,
      ])
    expect(.badJSON, [#"MSET s {"\ud800":1}"#])
  }

  @Test("refuses a time to live of 0, below 0, over ten years, or that is no number")
  func timesToLive() {
    let wrong = [
      "0", "0.0", "0.0009", "-1", "+1", "315360000.000000001", "315360001", "9223372036854775807",
      "99999999999999999999999999", "1e3", "1s", "x", "1.", ".5", ".", "1..2", "1.2.3", "0x10", "∞", "nan",
      "1,5",
    ]
    expect(.syntax, wrong.map { "EXPIRE s \($0)" })
    expect(.syntax, wrong.map { "SET s k TTL \($0) 1" })
    expect(.syntax, wrong.map { "MSET s TTL \($0) {}" })
    expect(.syntax, wrong.map { "NEW TTL \($0) {}" })
    expect(.syntax, wrong.map { "RENAME s GRACE \($0)" })
    expect(.syntax, wrong.map { "RENAME s t GRACE \($0)" })
  }

  @Test("refuses IF of no number, INCR by no number of 64 bits, LIMIT and READS out of range")
  func numbers() {
    expect(
      .syntax, ["x", "-1", "+1", "1.0", "1e1", "9223372036854775808", "{}"].map { "SET s k IF \($0) 1" })
    expect(
      .syntax,
      ["x", "+1", "-", "--1", "1.0", "1e1", "9223372036854775808", "-9223372036854775809"].map {
        "INCR s k \($0)"
      })
    for command in ["LIST", "TAGGED t"] {
      expect(
        .syntax, ["0", "1001", "-1", "x", "1.0", "9223372036854775808"].map { "\(command) LIMIT \($0)" })
    }
    expect(
      .syntax, ["-1", "+1", "x", "1.0", "1e1", "9223372036854775808", "*"].map { "WATCH s SINCE \($0)" })
    expect(.syntax, ["0", "9007199254740993", "-1", "+1", "x", "1.0", #""""#].map { "READS \($0)" })
  }

  @Test("refuses broken, truncated and too deeply nested values, and MSET of no object")
  func values() {
    expect(
      .badJSON,
      [
        "x", "tru", "{", "[", "\"", "\"a", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
        "1 2",
        "{} {}", "01", "-", "1.", "'a'", "IFF 1", "XX 1", "null null", String(repeating: "[", count: 10_000),
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
      ].map { "SET s k \($0)" })
    expect(
      .badJSON,
      [
        "[]", "1", "\"a\"", "null", "true", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{} x", "{1:1}",
        "{\"a\":" + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}",
      ].flatMap { ["MSET s \($0)", "NEW \($0)", "NEW TTL 5 \($0)"] })
    expect(
      .badJSON,
      [
        "NEW x", "NEW IF 0 {}", "NEW s1", "NEW {} TTL 5", "NEW DROP k {}", "SET s k DROP l 1",
        "MSET s {} DROP k",
      ])
  }

  @Test("never traps, and never touches a byte beside the line, whatever comes")
  func garbage() {
    var random = SplitMix64(seed: 11)
    let good = [
      "GET \"a\\u0041\" b", "SET s k IF 1 TTL 2.5 {\"a\":[1,2e3,\"\\ud83d\\ude00é\"]}",
      "MSET s {\"a b\":null}",
      "INCR s k -9223372036854775808", "LIST MATCH a AFTER b LIMIT 10", "EXPIRE s 0.001",
      "MGET s \"a\" b \"c d\"", "NEW TTL 5 {\"a\":1}", "RENAME s \"a b\" GRACE 0.5", "TAG s a \"b c\"",
      "TAGGED t AFTER s LIMIT 5", "WATCH s \"a b\" SINCE 5", "WATCH * SINCE 5",
      "RESTORE {\"session\":\"s\\u0041\",\"version\":7,\"created\":1.5,\"idle\":60,\"expires\":2e0,"
        + "\"tags\":[\"a\",\"\\u00e9\"],\"data\":{\"a\":[1,{}]}}",
    ].map { Array($0.utf8) }
    let bytes = Array(" \"\\{}[]:,.-+0189eEtuIFLn\u{0}\n\r\té".utf8) + [0x80, 0xC2, 0xE0, 0xED, 0xF4, 0xFF]
    var parser = RequestParser()
    var taken = 0
    for _ in 0..<20_000 {
      var line = good.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0...line.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where index < line.count: line[index] = bytes.randomElement(using: &random)!
        case 1 where index < line.count: line.remove(at: index)
        default: line.insert(bytes.randomElement(using: &random)!, at: index)
        }
      }
      if case .success = parser.understand(line) { taken += 1 }
    }
    // Both outcomes must be tried, or the test is worth little.
    #expect((1000..<19_000).contains(taken))
  }
}

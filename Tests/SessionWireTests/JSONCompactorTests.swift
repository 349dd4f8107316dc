import TestSupport
import Testing

@testable import SessionWire

@Suite("The JSON compactor")
struct JSONCompactorTests {
  /// Compacts one value that must fill the bytes; nil where it is refused.
  private func compact(
    _ json: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) -> [UInt8]? {
    var guarded = GuardedBytes(json)
    let line = guarded.range
    var span = guarded.bytes.mutableSpan
    var compactor = JSONCompactor(line, origin: line.lowerBound)
    var value: Range<Int>?
    do throws(RequestError) {
      let range = try compactor.value(&span)
      try compactor.finish(span)
      value = range
    } catch {
      #expect(error.code == .badJSON, sourceLocation: sourceLocation)
    }
    guarded.expectIntactWalls(sourceLocation: sourceLocation)
    return value.map { [UInt8](guarded.bytes[$0]) }
  }

  private func compact(_ json: String, sourceLocation: SourceLocation = #_sourceLocation) -> String? {
    compact(Array(json.utf8), sourceLocation: sourceLocation).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "takes the white space between tokens out",
    arguments: [
      ("  1 ", "1"), ("\t\r\n[ ]\n", "[]"), ("{ }", "{}"), ("[ 1 , 2,3 ]", "[1,2,3]"),
      ("[ [ ] , { } ]", "[[],{}]"),
      (#"{ "a" : 1 , "b" : [ true , false , null ] }"#, #"{"a":1,"b":[true,false,null]}"#),
      ("\n\"a b\"\n", "\"a b\""), ("{\"\":{\"\":\"\"}}", "{\"\":{\"\":\"\"}}"),
    ])
  func whiteSpace(json: String, compacted: String) {
    #expect(compact(json) == compacted)
  }

  @Test(
    "keeps what is compact byte for byte",
    arguments: [
      "null", "true", "false", "0", "-0", "1", "-1", "10", "0.0", "-0.5", "1e1", "1E1", "1e+1", "1e-1", "0e0",
      "1.0E+05",
      "1e400", "123456789012345678901234567890.123456789", "\"\"", "\"a\"", "\" \"", #""\"\\\/\b\f\n\r\t""#,
      #""\u0000\u001F\u00e9\uFFFF""#, #""\ud83d\uDE00""#, #""\ud800""#, #""\udc00\ud800""#,
      "\"\u{7F}\u{80}\u{2028}\"",
      "[]", "{}", "[[[]]]", #"{"a":1,"a":2}"#, #"{"a":{"b":[{"c":[]}]}}"#, "\"12345678\"", "\"1234567\\\"\"",
    ])
  func byteExact(json: String) {
    #expect(compact(json) == json)
  }

  @Test(
    "refuses what is no JSON",
    arguments: [
      "", " ", "nul", "nulll", "True", "tru", "truee", "NaN", "Infinity", "-Infinity", "undefined", "x",
      "'a'",
      "01", "00", "-", "-x", "--1", "+1", ".5", "1.", "1.e1", "1e", "1e+", "1e1.5", "1ee1", "0x1", "1_000",
      "-01", "1a",
      "\"", "\"a", "\"\\", "\"\\\"", #""\x""#, #""\U0041""#, #""\u""#, #""\u123""#, #""\u123g""#,
      #""\u 123""#, #""\a""#,
      "\"\\u12", "\"a\"b", "\"a\"\"b\"", "\"\n\"", "\"\t\"", "\"\0\"", "\"\u{1F}\"",
      "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1]]", "[1}", "[\"a\":1]", "[1,,2]", "[1;2]",
      "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\" 1}",
      "{\"a\"::1}",
      "{a:1}", "{1:1}", "{\"a\":1]", "{\"a\":1 \"b\":2}", "{null:1}", "1 2", "[] []", "{} 1", "/**/1", "1//",
      "\u{FEFF}1",
      "\u{A0}1", "\u{0B}1", "\u{0C}1", "1\0", "\01",
    ])
  func refused(json: String) {
    #expect(compact(json) == nil)
  }

  @Test("refuses strings that are not UTF-8, and takes the edges of what is")
  func utf8() {
    let bad: [[UInt8]] = [
      [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0x81], [0xC2], [0xC2, 0x7F], [0xC2, 0xC0], [0xDF],
      [0xE0, 0x80, 0x80],
      [0xE0, 0x9F, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0x7F], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
      [0xEF, 0xBF],
      [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80], [0xF1, 0x80, 0x80, 0xC0],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ]
    for sequence in bad {
      #expect(compact([0x22] + sequence + [0x22]) == nil, "\(sequence)")
      #expect(compact([0x22] + sequence) == nil, "\(sequence)")
      #expect(compact(sequence) == nil, "\(sequence)")
    }
    let good = [
      "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
    ]
    for character in good { #expect(compact("\"\(character)\"") == "\"\(character)\"") }
  }

  @Test("takes 64 arrays and objects in one another and refuses 65")
  func depth() {
    func nested(_ open: String, _ close: String, _ count: Int) -> String {
      String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
      let each = open.hasPrefix("[{") ? 2 : 1
      let most = nested(open, close, 64 / each)
      #expect(compact(most) == most)
      #expect(compact("[\(most)]") == nil)
    }
    #expect(compact(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) != nil)
    #expect(compact(String(repeating: "[", count: 65) + String(repeating: "]", count: 65)) == nil)
    let wide = "[" + String(repeating: "[],", count: 1000) + "[]]"
    #expect(compact(wide) == wide)
  }

  @Test("decodes strings in place, and never needs more room than their escapes had")
  func decoding() throws {
    let cases = [
      (#""\u0041\u00e9\u65e5\ud83d\ude00""#, "Aé日😀"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
      (#""\u0000\u007f\u0080\u07ff\u0800\uffff""#, "\0\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
      (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"), ("\"é\"", "é"), ("\"\"", ""),
    ]
    for (json, text) in cases {
      var guarded = GuardedBytes(Array(json.utf8))
      let line = guarded.range
      var span = guarded.bytes.mutableSpan
      var compactor = JSONCompactor(line, origin: line.lowerBound)
      let range = try compactor.decodedString(&span)
      #expect(compactor.isAtEnd)
      #expect(guarded.text(range) == text)
      guarded.expectIntactWalls()
    }
  }

  @Test("makes of a value with random white space the same value without")
  func randomValues() {
    for seed in 0..<3000 as Range<UInt64> {
      let json = RandomJSON(seed: seed)
      #expect(compact(json.spaced) == json.compact, "seed \(seed)")
      #expect(ReferenceJSON.compact(json.spaced) == json.compact, "seed \(seed): the reference is wrong")
    }
  }

  @Test("agrees with an independent reader on randomly broken values")
  func randomMutations() {
    var random = SplitMix64(seed: 42)
    let bytes =
      Array(" \t\n\"\\{}[]:,.-+0189eEtruefalsn/ub\0\u{1F}é😀".utf8) + [0x80, 0xC2, 0xED, 0xA0, 0xF4, 0xFF]
    var taken = 0
    for seed in 0..<20_000 as Range<UInt64> {
      var json = RandomJSON(seed: seed % 500).spaced
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0...json.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where index < json.count: json[index] = bytes.randomElement(using: &random)!
        case 1 where index < json.count: json.remove(at: index)
        case 2: json.removeSubrange(index..<min(json.count, index + Int.random(in: 0..<8, using: &random)))
        default: json.insert(bytes.randomElement(using: &random)!, at: index)
        }
      }
      let compacted = compact(json)
      if compacted != nil { taken += 1 }
      #expect(compacted == ReferenceJSON.compact(json), "\(String(decoding: json, as: UTF8.self))")
    }
    // Both outcomes must be tried, or the test is worth little.
    #expect((1000..<19_000).contains(taken))
  }
}

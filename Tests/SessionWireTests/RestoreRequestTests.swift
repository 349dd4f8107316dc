import SessionWire
import Testing

@Suite("RESTORE's object")
struct RestoreRequestTests {
  @Test(
    "may name its members in any order, with white space between, and leave out all but the session",
    arguments: [
      (#"{"session":"s"}"#, "RESTORE <s> tags data"),
      (
        #"{"session":"s","version":7,"created":1795362452.123,"idle":600,"expires":1795363052.5,"#
          + #""tags":["a","b c"],"data":{"k":{"x":[1,null]},"l":2}}"#,
        "RESTORE <s> version 7 created 1795362452123000000 ns idle 600000000000 ns "
          + #"expires 1795363052500000000 ns tags <a> <b c> data <k> = {"x":[1,null]} <l> = 2"#
      ),
      (
        ##" { "data" : { "k" : "v" } , "tags" : [ ] , "idle" : 0.001 , "session" : "a\u00e9 #" } "##,
        ##"RESTORE <aé #> idle 1000000 ns tags data <k> = "v""##
      ),
      (#"{"s\u0065ssion":"s","tags":["\u0041","A"]}"#, "RESTORE <s> tags <A> <A> data"),
      (#"{"version":4503599627370495,"session":"s"}"#, "RESTORE <s> version 4503599627370495 tags data"),
      (
        #"{"session":"s","created":0,"expires":9223372036.854775807}"#,
        "RESTORE <s> created 0 ns expires 9223372036854775807 ns tags data"
      ),
      (#"{"session":"s","data":{"k":1,"k":2}}"#, "RESTORE <s> tags data <k> = 1 <k> = 2"),
    ])
  func members(object: String, meaning: String) {
    var parser = RequestParser()
    #expect(parser.understand("RESTORE \(object)") == .success(meaning))
  }

  @Test("takes values as deep as SET does, and no deeper")
  func depth() {
    var parser = RequestParser()
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    let line = #"RESTORE {"session":"s","data":{"k":\#(deepest)}}"#
    #expect(parser.understand(line) == .success("RESTORE <s> tags data <k> = \(deepest)"))
    #expect(parser.understand(#"RESTORE {"session":"s","data":{"k":[\#(deepest)]}}"#).code == .badJSON)
  }

  @Test(
    "is refused, and the member named, where something else stands than it takes",
    arguments: [
      ("session", ["1", "null", "[\"s\"]", "{}"]),
      (
        "version",
        ["0", "-1", "1.5", "1e3", "4503599627370496", "18446744073709551616", "\"7\"", "null", "[7]"]
      ),
      ("created", ["-1", "1e9", "\"1\"", "null", "true", "9223372036.854775808", "9223372037"]),
      ("expires", ["-1", "1e9", "\"1\"", "null", "{}", "9223372037"]),
      ("idle", ["0", "0.0009", "-1", "1e3", "315360000.001", "\"60\"", "null"]),
      ("tags", ["null", "\"a\"", "{}", "1"]),
      ("data", ["null", "[]", "\"a\"", "1"]),
    ])
  func mismatch(member: String, values: [String]) {
    for value in values {
      let text = refusal(#"{"\#(member)":\#(value)}"#, .syntax)
      #expect(text.hasPrefix("RESTORE: the member \(member) wants "), "\(value): \(text)")
    }
  }

  @Test("is refused without a session, and with a member twice or unknown, which is named")
  func members() {
    #expect(refusal("{}", .syntax) == "RESTORE: the member session is missing")
    #expect(refusal(#"{"version":7,"data":{}}"#, .syntax) == "RESTORE: the member session is missing")
    for member in [
      #""session":"s""#, #""version":7"#, #""created":1"#, #""idle":60"#, #""expires":1"#, #""tags":[]"#,
      #""data":{}"#,
    ] {
      let name = member.split(separator: "\"")[0]
      #expect(refusal("{\(member),\(member)}", .syntax) == "RESTORE: the member \(name) stands twice")
    }
    #expect(refusal(#"{"sessions":"s"}"#, .syntax) == "RESTORE knows no member sessions")
    #expect(refusal(#"{"Session":"s"}"#, .syntax) == "RESTORE knows no member Session")
    #expect(refusal(#"{"ttl é":1}"#, .syntax) == "RESTORE knows no member ttl é")
    #expect(refusal(#"{"":1}"#, .syntax) == "the member's name is empty")
    let long = String(repeating: "x", count: 256)
    for name in [#"\u0000"#, #"\u009f"#, long] {
      #expect(!refusal(#"{"\#(name)":1}"#, .syntax).contains("knows no member"))
    }
  }

  @Test("is refused with a name that is none, and with more than 1,024 tags")
  func names() {
    for object in [
      #"{"session":""}"#, #"{"session":"\u0007"}"#, #"{"session":"s","tags":[""]}"#,
      #"{"session":"s","tags":["a","\u007f"]}"#, #"{"session":"s","data":{"":1}}"#,
      #"{"session":"\#(String(repeating: "x", count: 256))"}"#,
      #"{"session":"s","tags":["\#(String(repeating: "x", count: 256))"]}"#,
    ] { _ = refusal(object, .syntax) }
    let tags = [String](repeating: #""t""#, count: 1024).joined(separator: ",")
    var parser = RequestParser()
    #expect((try? parser.understand(#"RESTORE {"session":"s","tags":[\#(tags)]}"#).get()) != nil)
    _ = refusal(#"{"session":"s","tags":[\#(tags),"t"]}"#, .tooLarge)
  }

  @Test(
    "is refused when it is no JSON, or not one object",
    arguments: [
      "s", "[]", "1", #""s""#, "null", "{", #"{"session""#, #"{"session":"#, #"{"session":"s""#,
      #"{"session":"s","#, #"{"session":"s",}"#, #"{"session":"s"} x"#, #"{"session":"s"}{}"#,
      #"{"session" "s"}"#, #"{session:"s"}"#, #"{"session":"s}"#, #"{"session":"\ud800"}"#,
      #"{"session":"s","tags":["a"}"#, #"{"session":"s","tags":["a",]}"#, #"{"session":"s","tags":[1]}"#,
      #"{"session":"s","tags":["a" "b"]}"#, #"{"session":"s","tags":[["a"]]}"#,
      #"{"session":"s","data":{"a"}}"#,
      #"{"session":"s","data":{"a":01}}"#, #"{"session":"s","version":07}"#, #"{"session":"s","idle":}"#,
    ])
  func malformed(object: String) {
    _ = refusal(object, .badJSON)
  }

  @Test("tells where it is broken")
  func position() {
    #expect(
      refusal(#"{ "session" : "s", "tags" : [ "a" x ] }"#, .badJSON)
        == "a comma or the end of the array is missing, at byte 43 of the line")
  }

  /// The text with which this object is refused.
  private func refusal(
    _ object: String, _ code: ErrorCode, sourceLocation: SourceLocation = #_sourceLocation
  ) -> String {
    var parser = RequestParser()
    guard case .failure(let error) = parser.understand("RESTORE \(object)") else {
      Issue.record("taken: \(object)", sourceLocation: sourceLocation)
      return ""
    }
    #expect(error.code == code, "\(object): \(error.text)", sourceLocation: sourceLocation)
    return error.text
  }
}

import Testing

@testable import SessionClient

@Suite struct ValueCodingTests {
  private func encode(_ value: some Encodable) throws -> String {
    String(decoding: try ValueCoding.encode(value), as: UTF8.self)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try ValueCoding.decode(type, from: Array(json.utf8))
  }

  struct Profile: Codable, Equatable {
    var name: String
    var visits: Int
    var ratio: Double?
    var extra: SessionValue
  }

  @Test("common types are written without a detour")
  func encodeQuickly() throws {
    #expect(try encode("a\"b/é") == #""a\"b/é""#)
    #expect(try encode(-42) == "-42")
    #expect(try encode(true) == "true")
    #expect(try encode(1.5) == "1.5" && encode(100.0) == "100" && encode(1e300) == "1e+300")
    #expect(throws: SessionError.self) { try encode(Double.nan) }
    #expect(throws: SessionError.self) { try encode([Double.infinity]) }
  }

  @Test(
    "a quick path gives what the JSON coder gives",
    arguments: [
      #""x""#, #""""#, #""\u00e9\n""#, "0", "-0", "1", "1.0", "1e3", "9223372036854775807",
      "9223372036854775808", "1.5",
      "true", "false", "null", "[]", "{}",
    ])
  func quickPathsAgree(json: String) {
    /// A one-element array is always left to the coder.
    func agrees<Value: Codable & Equatable>(_ type: Value.Type) -> Bool {
      let quick = try? decode(type, json)
      let slow = try? decode([Value].self, "[\(json)]")
      return quick == slow?.first
    }
    #expect(agrees(String.self) && agrees(Int.self) && agrees(Bool.self) && agrees(Double.self))
  }

  @Test("a type of one's own goes through the JSON coder, with any JSON inside")
  func codable() throws {
    let profile = Profile(
      name: "a/b", visits: 3, ratio: nil, extra: ["k": [1, 2.5, nil, "x", true, ["y": []]]])
    let json = try encode(profile)
    #expect(!json.contains(#"\/"#))
    #expect(try decode(Profile.self, json) == profile)
    #expect(try decode([String: SessionValue.Object].self, #"{"a":{"b":1}}"#) == ["a": ["b": 1]])
    #expect(try encode(["a": ["b": 2] as SessionValue.Object]) == #"{"a":{"b":2}}"#)
    #expect(try decode([SessionJSON].self, "[[1]]").first?.text == "[1]")
    #expect(try encode([SessionJSON("{\"a\": 1}")]) == #"[{"a":1}]"#)
  }

  @Test("the wrong type is an error that says so")
  func wrongType() {
    #expect(throws: SessionError.self) { try decode(Int.self, #""x""#) }
    #expect(throws: SessionError.self) { try decode(String.self, "1") }
    #expect(throws: SessionError.self) { try decode(Bool.self, "0") }
    #expect(throws: SessionError.self) { try decode(Double.self, "1e999") }
    #expect(throws: SessionError.self) { try decode(SessionValue.Object.self, "[]") }
    #expect(throws: SessionError.self) { try decode(Profile.self, "{}") }
  }

  @Test("null is the absence of an optional value")
  func optionals() throws {
    #expect(try decode(Int?.self, "null") == .some(nil))
    #expect(try decode(Int?.self, "5") == 5)
  }
}

import Testing

@testable import SessionClient

@Suite struct SessionValueTests {
  @Test("literals of every kind become JSON, in the order in which they were written")
  func literals() {
    let value: SessionValue = [
      "z": nil, "a": true, "m": 42, "n": -1.5, "s": "dark \"mode\"", "list": [1, "two", [3.25]],
      "o": ["k": [:], "e": []],
    ]
    #expect(
      value.description
        == #"{"z":null,"a":true,"m":42,"n":-1.5,"s":"dark \"mode\"","list":[1,"two",[3.25]],"o":{"k":{},"e":[]}}"#
    )
  }

  @Test(
    "text is read and written back without a change",
    arguments: [
      "null", "true", "false", "0", "-0", "42", "-7", "9223372036854775807", "-9223372036854775808",
      "9223372036854775808", "1.50", "1e3", "1E+3", "-1.5e-300", "123456789012345678901234567890.5", #""""#,
      #""a\"\\b""#, "\"é😀\u{7F}\"", "[]", "[1,[2,[3]]]", "{}", #"{"b":1,"a":{"c":[null]}}"#,
    ])
  func roundTrip(json: String) throws {
    #expect(try SessionValue(json: json).description == json)
  }

  @Test("white space and escapes are understood")
  func escapes() throws {
    #expect(try SessionValue(json: " { \"a\" :\t[ 1 ,\r\n2 ] } ") == ["a": [1, 2]])
    #expect(try SessionValue(json: #""\u00e9\ud83d\ude00\/\b\f\n\r\t\u0000""#) == "é😀/\u{8}\u{C}\n\r\t\0")
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", " ", "nul", "truex", "True", "01", "-", "1.", ".5", "1e", "+1", "0x1", "NaN", "Infinity", "\"",
      "\"a",
      "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\n\"",
      "'a'", "[",
      "[1", "[1,", "[1,]", "[,]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:2}",
      "1 2",
      "[1] x", "\"a\"b",
    ])
  func refused(json: String) {
    #expect(throws: SessionError.self) { try SessionValue(json: json) }
  }

  @Test("nesting is bounded instead of running out of stack")
  func nesting() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try SessionValue(json: nested(100)).arrayValue?.count == 1)
    #expect(throws: SessionError.self) { try SessionValue(json: nested(100_000)) }
    #expect(throws: SessionError.self) {
      try SessionValue(json: String(repeating: "{\"a\":", count: 100_000))
    }
  }

  @Test("of a key that comes twice the last value counts, at the place of the first")
  func duplicateKeys() throws {
    #expect(try SessionValue(json: #"{"a":1,"b":2,"a":3}"#).description == #"{"a":3,"b":2}"#)
  }

  @Test("an object is equal to another with the same keys in another order")
  func equality() {
    let object: SessionValue.Object = ["a": 1, "b": 2]
    #expect(object == ["b": 2, "a": 1])
    #expect(object != ["a": 1])
    #expect(object != ["a": 1, "b": 3])
  }

  @Test("keys keep their places when values are replaced and removed")
  func objectEditing() {
    var object: SessionValue.Object = ["a": 1, "b": 2, "c": 3]
    object["b"] = "two"
    object["a"] = nil
    object["missing"] = nil
    object["d"] = .null
    #expect(object.description == #"{"b":"two","c":3,"d":null}"#)
    #expect(object.keys == ["b", "c", "d"])
    #expect(object["c"] == 3 && object["a"] == nil && object.count == 3)
    object["c"] = nil
    #expect(object["d"] == .null)
  }

  @Test("each kind gives out its value and no other")
  func accessors() {
    let value: SessionValue = ["i": 1, "d": 2.5, "s": "x", "b": false, "n": nil, "a": [10, 20]]
    #expect(value["i"]?.intValue == 1 && value["i"]?.doubleValue == 1 && value["i"]?.stringValue == nil)
    #expect(value["d"]?.doubleValue == 2.5 && value["d"]?.intValue == nil)
    #expect(value["s"]?.stringValue == "x" && value["s"]?.boolValue == nil)
    #expect(value["b"]?.boolValue == false && value["b"]?.arrayValue == nil)
    #expect(value["n"]?.isNull == true && value["n"]?.objectValue == nil)
    #expect(value["a"]?[1] == 20 && value["a"]?[2] == nil && value["a"]?[-1] == nil)
    #expect(value["missing"] == nil && value.objectValue?.count == 6)
  }

  @Test("there is no JSON for infinity and NaN")
  func notFinite() {
    #expect(SessionValue.double(.infinity) == nil && SessionValue.double(.nan) == nil)
    #expect(SessionValue.double(2) == 2)
    #expect(SessionValue.Number("1e999")?.doubleValue == .infinity)
  }

  @Test("a raw text is checked and kept as it is")
  func raw() throws {
    #expect(try SessionJSON(#" {"a": 1.50} "#).text == #" {"a": 1.50} "#)
    #expect(throws: SessionError.self) { try SessionJSON("dark") }
    #expect(throws: SessionError.self) { try SessionJSON(received: [0x22, 0xFF, 0x22]) }
  }
}

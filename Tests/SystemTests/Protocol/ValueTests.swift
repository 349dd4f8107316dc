import Testing

@Suite("Values come back byte for byte as they were written, less the white space between tokens")
struct ValueTests {
  @Test(
    "each kind of value",
    arguments: [
      ("null", "null"), ("true", "true"), ("false", "false"), ("0", "0"), ("-0", "-0"), ("-0.0", "-0.0"),
      ("1e400", "1e400"), ("1E+2", "1E+2"), ("18446744073709551616", "18446744073709551616"),
      ("1.50", "1.50"),
      ("0.1e-7", "0.1e-7"), (#""""#, #""""#), (#""é😀""#, #""é😀""#), (#""\u00e9\/\n\"""#, #""\u00e9\/\n\"""#),
      (#""\ud83d\ude00""#, #""\ud83d\ude00""#), (#""\ud800""#, #""\ud800""#), (#"" a  b ""#, #"" a  b ""#),
      ("[]", "[]"), (" [ 1 , 2 ] ", "[1,2]"), ("{}", "{}"),
      (#"{ "a" : { "b" : [ true , null ] } }"#, #"{"a":{"b":[true,null]}}"#),
      ("[1,\t2\r]", "[1,2]"), ("  7  ", "7"),
    ])
  func roundTrip(written: String, kept: String) throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET s1 one \(written)").version
      #expect(try connection.request("GET s1 one") == "OK \(kept)")
      _ = try connection.request(#"MSET s1 { "two" : \#(written) }"#).version
      #expect(try connection.request("GET s1") == #"OK {"one":\#(kept),"two":\#(kept)}"#)
      #expect(try connection.request("MGET s1 two") == #"OK {"two":\#(kept)}"#)
    }
  }

  @Test("a number of a million digits, and a string of a million bytes")
  func longTokens() throws {
    try withDaemon("--max-line", "2M", "--max-session", "2M") { daemon in
      let connection = try daemon.connect()
      let values = [
        String(repeating: "7", count: 1_000_000), "\"" + String(repeating: "é", count: 500_000) + "\"",
      ]
      for value in values {
        _ = try connection.exchange(Array("SET s1 a \(value)\n".utf8), replies: 1)[0].version
        #expect(try connection.request("GET s1 a") == "OK \(value)")
      }
    }
  }

  @Test("a key with quotes and backslashes comes back as a JSON string that names it")
  func quotedKeys() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request(#"SET "a \"b\" \\" "k\u0065y \"\\" 1"#).version
      #expect(try connection.request(#"GET "a \"b\" \\""#) == #"OK {"key \"\\":1}"#)
      #expect(try connection.request("LIST") == #"OK {"sessions":["a \"b\" \\"],"next":null}"#)
      #expect(try connection.request(#"DEL "\u0061 \"b\" \\""#) == "OK 1")
    }
  }

  @Test("a bare word and a quoted one are the same name, and case counts in both")
  func spellings() throws {
    try withDaemon { daemon in
      let connection = try daemon.connect()
      _ = try connection.request(#"SET Émile théâtre 1"#).version
      #expect(try connection.request(#"GET "\u00c9mile" "th\u00e9\u00e2tre""#) == "OK 1")
      #expect(try connection.request("GET émile") == "NIL")
    }
  }
}

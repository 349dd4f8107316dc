import SessionWire
import Testing

@Suite("The request parser")
struct RequestParserTests {
  @Test(
    "understands every form of every command",
    arguments: [
      ("HELLO", "HELLO"), ("HELLO 1", "HELLO"), ("PING", "PING"), ("HELP", "HELP"), ("QUIT", "QUIT"),
      ("STATS", "STATS"), ("METRICS", "METRICS"), ("FLUSH", "FLUSH"), ("MAP", "MAP"), ("READS 1", "READS 1"),
      ("READS 9007199254740992", "READS 9007199254740992"),
      ("GET s1", "GET <s1>"), ("GET s1 theme", "GET <s1> <theme>"),
      ("PEEK s1", "PEEK <s1>"), ("PEEK s1 theme", "PEEK <s1> <theme>"),
      ("MGET s1 a", "MGET <s1> <a>"), ("MGET s1 a b a", "MGET <s1> <a> <b> <a>"),
      ("SET s1 theme \"dark\"", "SET <s1> <theme> = \"dark\""),
      ("SET s1 k IF 0 1", "SET <s1> <k> if 0 = 1"),
      ("SET s1 k TTL 0.5 1", "SET <s1> <k> ttl 500000000 ns = 1"),
      ("MSET s1 {}", "MSET <s1>"),
      ("MSET s1 {\"a\":1,\"b\":[true]}", "MSET <s1> <a> = 1 <b> = [true]"),
      ("MSET s1 IF 7 TTL 60 {\"a\" : { } }", "MSET <s1> if 7 ttl 60000000000 ns <a> = {}"),
      ("MSET s1 DROP a {}", "MSET <s1> drop <a>"),
      ("MSET s1 DROP a IF 7 DROP b TTL 1 {\"a\":1}", "MSET <s1> if 7 ttl 1000000000 ns drop <a> <b> <a> = 1"),
      ("DEL s1", "DEL <s1>"), ("DEL s1 a b", "DEL <s1> keys <a> <b>"),
      ("INCR s1 n", "INCR <s1> <n> by 1"), ("INCR s1 n -5", "INCR <s1> <n> by -5"),
      ("EXISTS s1", "EXISTS <s1>"), ("TTL s1", "TTL <s1>"),
      ("EXPIRE s1 0.001", "EXPIRE <s1> 1000000 ns"),
      ("EXPIRE s1 315360000", "EXPIRE <s1> 315360000000000000 ns"),
      ("TOUCH s1", "TOUCH <s1>"), ("TOUCH s1 s2 s3", "TOUCH <s1> <s2> <s3>"), ("INFO s1", "INFO <s1>"),
      ("LIST", "LIST limit 100"), ("LIST LIMIT 1000", "LIST limit 1000"),
      ("LIST MATCH user: AFTER user:7 LIMIT 1", "LIST match <user:> after <user:7> limit 1"),
      ("NEW", "NEW"), ("NEW TTL 60", "NEW ttl 60000000000 ns"), ("NEW {}", "NEW"),
      ("NEW {\"a\":1}", "NEW <a> = 1"),
      ("NEW TTL 0.5 { \"a\" : [ ] }", "NEW ttl 500000000 ns <a> = []"),
      ("RENAME s1", "RENAME <s1>"), ("RENAME s1 s2", "RENAME <s1> to <s2>"),
      ("RENAME s1 GRACE 5", "RENAME <s1> grace 5000000000 ns"),
      ("RENAME s1 s2 GRACE 0.001", "RENAME <s1> to <s2> grace 1000000 ns"),
      ("REVOKE s1", "REVOKE <s1>"), ("REVOKE s1 s2", "REVOKE <s1> <s2>"),
      ("REVOKEALL user:7", "REVOKEALL <user:7>"),
      ("TAG s1 a", "TAG <s1> tags <a>"), ("TAG s1 a b a", "TAG <s1> tags <a> <b> <a>"),
      ("UNTAG s1 a b", "UNTAG <s1> tags <a> <b>"),
      ("TAGGED a", "TAGGED <a> limit 100"), ("TAGGED a LIMIT 1000", "TAGGED <a> limit 1000"),
      ("TAGGED a AFTER s1 LIMIT 7", "TAGGED <a> after <s1> limit 7"),
      ("WATCH s1", "WATCH <s1>"), ("WATCH s1 s2 SINCE 0", "WATCH <s1> <s2> since 0"),
      ("WATCH *", "WATCH all"), ("WATCH * SINCE 17", "WATCH all since 17"), ("UNWATCH", "UNWATCH"),
      ("WHY s1", "WHY <s1>"), ("DUMP s1", "DUMP <s1>"),
      ("RESTORE {\"session\":\"s1\"}", "RESTORE <s1> tags data"),
    ])
  func forms(line: String, meaning: String) {
    var parser = RequestParser()
    #expect(parser.understand(line) == .success(meaning))
  }

  @Test("knows every command in letters of either case", arguments: Command.allCases)
  func commands(command: Command) {
    let mixed = command.name.enumerated().map {
      $0.offset % 2 == 0 ? $0.element.lowercased() : "\($0.element)"
    }
    for name in [command.name, command.name.lowercased(), mixed.joined()] {
      var parser = RequestParser()
      _ = parser.understand(name)
      #expect(parser.command == command)
    }
  }

  @Test(
    "takes options in any order and any case, before the value",
    arguments: [
      ("SET s k IF 3 TTL 1 5", "SET <s> <k> if 3 ttl 1000000000 ns = 5"),
      ("SET s k TTL 1 IF 3 5", "SET <s> <k> if 3 ttl 1000000000 ns = 5"),
      ("set s k ttl 1 if 3 5", "SET <s> <k> if 3 ttl 1000000000 ns = 5"),
      ("SET s k Ttl 1 \"IF 3\"", "SET <s> <k> ttl 1000000000 ns = \"IF 3\""),
      ("SET IF TTL IF 9223372036854775807 1", "SET <IF> <TTL> if 9223372036854775807 = 1"),
      ("MSET TTL TTL 1 {\"IF\":1}", "MSET <TTL> ttl 1000000000 ns <IF> = 1"),
      ("mset s drop drop Drop \"a b\" if 1 {}", "MSET <s> if 1 drop <drop> <a b>"),
      ("LIST limit 2 after b match a", "LIST match <a> after <b> limit 2"),
      ("LIST MATCH MATCH", "LIST match <MATCH> limit 100"),
      ("tagged AFTER limit 5 after AFTER", "TAGGED <AFTER> after <AFTER> limit 5"),
      ("NEW ttl 1 {\"TTL\":2}", "NEW ttl 1000000000 ns <TTL> = 2"),
      ("rename GRACE grace 1", "RENAME <GRACE> grace 1000000000 ns"),
      ("RENAME s \"GRACE\" GRACE 1", "RENAME <s> to <GRACE> grace 1000000000 ns"),
      ("RENAME s \"grace\"", "RENAME <s> to <grace>"),
      ("watch a \"SINCE\" \"*\" since 1", "WATCH <a> <SINCE> <*> since 1"),
      ("WATCH ** *a", "WATCH <**> <*a>"), ("TAG * SINCE *", "TAG <*> tags <SINCE> <*>"),
      ("REVOKEALL *", "REVOKEALL <*>"),
    ])
  func options(line: String, meaning: String) {
    var parser = RequestParser()
    #expect(parser.understand(line) == .success(meaning))
  }

  @Test(
    "passes over spaces around words and nothing else",
    arguments: [
      ("   GET   s1   theme   ", "GET <s1> <theme>"), ("PING ", "PING"), (" PING", "PING"),
      ("SET s k  [ 1 ,\t2 ] ", "SET <s> <k> = [1,2]"),
      ("GET a\u{A0}b", "GET <a\u{A0}b>"), ("GET s'1 {}", "GET <s'1> <{}>"),
    ])
  func spaces(line: String, meaning: String) {
    var parser = RequestParser()
    #expect(parser.understand(line) == .success(meaning))
  }

  @Test(
    "decodes words in quotes",
    arguments: [
      (#"GET "a b""#, "GET <a b>"), (#"GET "a" "b""#, "GET <a> <b>"), (#"GET " ""#, "GET < >"),
      (#"GET "say \"hi\"\\\/""#, #"GET <say "hi"\/>"#),
      (#"GET "\u0041\u00e9\u65E5\ud83d\ude00""#, "GET <Aé日😀>"),
      (#"GET "é日😀""#, "GET <é日😀>"), (#"GET back\slash"#, #"GET <back\slash>"#),
      (#"MSET s {"a\u0020b":1,"\"":2}"#, #"MSET <s> <a b> = 1 <"> = 2"#),
      (#"INCR s "k" "-7""#, "INCR <s> <k> by -7"), (#"LIST MATCH "a b""#, "LIST match <a b> limit 100"),
      (#"SET "s" "k" IF "1" "v""#, #"SET <s> <k> if 1 = "v""#),
    ])
  func quotes(line: String, meaning: String) {
    var parser = RequestParser()
    #expect(parser.understand(line) == .success(meaning))
  }

  @Test("keeps a value's strings and numbers byte for byte")
  func values() {
    var parser = RequestParser()
    for value in ["-0", "1e400", "1.50", "1E+05", #""\u00e9\/\ud800""#, "\"\u{7F}\u{80}\"", "null"] {
      #expect(parser.understand("SET s k \(value)") == .success("SET <s> <k> = \(value)"))
      #expect(parser.understand("MSET s { \"k\" : \(value) }") == .success("MSET <s> <k> = \(value)"))
    }
  }

  @Test("takes names of 1 to 255 bytes, counted after decoding")
  func nameLengths() {
    var parser = RequestParser()
    let longest = String(repeating: "x", count: 255)
    #expect(parser.understand("GET \(longest) \(longest)") == .success("GET <\(longest)> <\(longest)>"))
    let escaped = String(repeating: "\\u0078", count: 255)
    #expect(parser.understand("GET \"\(escaped)\"") == .success("GET <\(longest)>"))
    for line in [
      "GET \(longest)x", "GET s \(longest)x", "GET \"\(escaped)\\u0078\"", "LIST MATCH \(longest)x",
    ] {
      #expect(parser.understand(line).code == .syntax)
    }
  }

  @Test(
    "takes 1,024 names in one request and no more",
    arguments: ["MGET s", "DEL s", "TOUCH", "REVOKE", "TAG s", "UNTAG s", "WATCH"])
  func wordCounts(command: String) {
    var parser = RequestParser()
    let most = command + String(repeating: " k", count: Limits.wordsPerRequest)
    #expect((try? parser.understand(most).get()) != nil)
    #expect(parser.words.count == Limits.wordsPerRequest)
    #expect(parser.understand(most + " k").code == .tooLarge)
  }

  @Test("keeps an MSET's members in the order written, also a key that comes twice")
  func members() {
    var parser = RequestParser()
    #expect(
      parser.understand(#"MSET s {"b":1,"a":2,"b":3}"#) == .success("MSET <s> <b> = 1 <a> = 2 <b> = 3"))
  }

  @Test("forgets the line before")
  func reuse() {
    var parser = RequestParser()
    _ = parser.understand("MGET s a b c")
    #expect(parser.understand("TOUCH x") == .success("TOUCH <x>"))
    _ = parser.understand(#"MSET s {"a":1,"b":2}"#)
    #expect(parser.understand("MSET s {}") == .success("MSET <s>"))
    _ = parser.understand(#"RESTORE {"session":"s","version":7,"tags":["a"],"data":{"a":1}}"#)
    #expect(parser.understand("NEW") == .success("NEW"))
    #expect(parser.understand(#"RESTORE {"session":"s"}"#) == .success("RESTORE <s> tags data"))
    #expect(parser.understand("WATCH *") == .success("WATCH all"))
    #expect(parser.words.isEmpty)
    _ = parser.understand("MSET s DROP a DROP b {}")
    #expect(parser.understand("MSET s {}") == .success("MSET <s>"))
    #expect(parser.understand("NOSUCH").code == .unknown)
    #expect(parser.command == nil)
  }

  @Test("tells where in the line a value is broken")
  func position() {
    var parser = RequestParser()
    guard case .failure(let error) = parser.understand("SET s k [1,x]") else {
      Issue.record("the value was taken")
      return
    }
    #expect(error.text == "no JSON value begins so, at byte 12 of the line")
  }
}

extension Result where Failure == RequestError {
  /// The code of the refusal; nil where there is none.
  var code: ErrorCode? {
    if case .failure(let error) = self { error.code } else { nil }
  }
}

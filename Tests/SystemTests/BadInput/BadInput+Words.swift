extension BadInput {
  /// Commands and words that are unknown, missing, empty, left over or badly quoted.
  static let words = [
    BadInput(
      "unknown commands", "unknown",
      """
      NOSUCH s1
      GETT s1
      G
      GET2 s1
      123
      ÄÖÜ s1
      HTTP/1.1 200
      GET,s1
      *1
      $4
      \t
      PING\t
      HELLO 2
      HELLO 0
      HELLO one
      """),
    BadInput("a command of 300 letters", "unknown", [String(repeating: "G", count: 300)]),
    BadInput("empty lines", "syntax", ["", " ", "      "]),
    BadInput(
      "missing words", "syntax",
      """
      GET
      PEEK
      MGET
      MGET s1
      SET
      SET s1
      SET s1 theme
      SET s1 theme IF
      SET s1 theme IF 1
      SET s1 theme TTL
      SET s1 theme TTL 5
      MSET
      MSET s1
      MSET s1 IF 1
      MSET s1 TTL 1
      DEL
      INCR
      INCR s1
      EXISTS
      TTL
      EXPIRE
      EXPIRE s1
      TOUCH
      INFO
      LIST MATCH
      LIST AFTER
      LIST LIMIT
      READS
      """),
    BadInput(
      "empty words", "syntax",
      #"""
      GET ""
      GET s1 ""
      PEEK ""
      MGET s1 theme ""
      SET "" theme 1
      SET s1 "" 1
      MSET "" {}
      MSET s1 {"":1}
      MSET s1 {"theme":1,"":1}
      DEL ""
      DEL s1 ""
      INCR s1 ""
      INCR s1 visits ""
      EXISTS ""
      TTL ""
      EXPIRE "" 5
      EXPIRE s1 ""
      TOUCH s1 ""
      INFO ""
      LIST MATCH ""
      LIST AFTER ""
      SET s1 theme IF "" 1
      SET s1 theme TTL "" 1
      """#),
    BadInput(
      "extra words", "syntax",
      """
      PING x
      HELP x
      QUIT x
      STATS x
      FLUSH x
      FLUSH s1
      MAP x
      READS 1 1
      GET s1 theme x
      PEEK s1 theme x
      EXISTS s1 s2
      TTL s1 s2
      EXPIRE s1 5 5
      INFO s1 s2
      INCR s1 visits 1 1
      HELLO 1 1
      LIST x
      LIST LIMIT 1 LIMIT 2
      LIST MATCH a MATCH b
      SET s1 theme IF 0 IF 0 1
      SET s1 theme TTL 5 TTL 5 1
      """),
    BadInput(
      "quotes in the wrong place", "syntax",
      #"""
      SET s1 a"b 1
      GET "s1
      GET "s1"x
      GET "s1""x"
      GET"s1"
      GET "\x"
      GET "\u12"
      GET "\ud800"
      GET "\udc00"
      GET "\ud800\u0041"
      GET "
      GET "\
      """#),
    BadInput(
      "an option and its word without a space between", "syntax",
      #"""
      LIST LIMIT"5"
      LIST MATCH"s"
      LIST AFTER"s"
      SET s1 theme IF"0" 1
      SET s1 theme TTL"5" 1
      MSET s1 TTL"5" {}
      """#),
    BadInput(
      "too many words", "too-large",
      ["MGET s1", "DEL s1", "TOUCH"].map { $0 + String(repeating: " k", count: 1025) }),
  ]
}

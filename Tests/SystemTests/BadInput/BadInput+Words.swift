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
      MSET s1 DROP
      MSET s1 DROP theme
      NEW TTL
      RENAME
      RENAME s1 GRACE
      RENAME s1 s2 GRACE
      REVOKE
      REVOKEALL
      TAG
      TAG s1
      UNTAG
      UNTAG s1
      TAGGED
      TAGGED t AFTER
      TAGGED t LIMIT
      WATCH
      WATCH SINCE 5
      WATCH s1 SINCE
      WATCH * SINCE
      WHY
      DUMP
      RESTORE
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
      MSET s1 DROP "" {}
      NEW {"":1}
      RENAME ""
      RENAME s1 ""
      RENAME s1 GRACE ""
      REVOKE ""
      REVOKE s2 ""
      REVOKEALL ""
      TAG "" t
      TAG s1 ""
      TAG s1 t ""
      UNTAG s1 ""
      TAGGED ""
      TAGGED t AFTER ""
      TAGGED t LIMIT ""
      WATCH ""
      WATCH s1 SINCE ""
      WHY ""
      DUMP ""
      RESTORE {"session":""}
      RESTORE {"session":"s2","tags":[""]}
      RESTORE {"session":"s2","data":{"":1}}
      """#),
    BadInput(
      "extra words", "syntax",
      """
      PING x
      HELP x
      QUIT x
      STATS x
      METRICS x
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
      MSET s1 IF 1 DROP theme IF 1 {}
      NEW TTL 5 TTL 5
      RENAME s1 s2 s3
      RENAME s1 GRACE 5 s2
      RENAME s1 s2 GRACE 5 GRACE 5
      REVOKEALL t u
      TAGGED t u
      TAGGED t MATCH s
      TAGGED t LIMIT 1 LIMIT 1
      WATCH * s1
      WATCH s1 *
      WATCH s1 SINCE 5 s2
      UNWATCH s1
      WHY s1 s2
      DUMP s1 s2
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
      MSET s1 DROP"theme" {}
      NEW TTL"5"
      RENAME s1 GRACE"5"
      TAGGED t LIMIT"5"
      WATCH s1 SINCE"5"
      """#),
    BadInput(
      "too many words", "too-large",
      ["MGET s1", "DEL s1", "TOUCH", "REVOKE", "TAG s1", "UNTAG s1", "WATCH"].map {
        $0 + String(repeating: " k", count: 1025)
      }),
    BadInput(
      "more than 64 tags", "too-large",
      [
        "TAG s1 " + (0..<65).map { "t\($0)" }.joined(separator: " "),
        #"RESTORE {"session":"s2","tags":["#
          + (0..<65).map { "\"t\($0)\"" }.joined(separator: ",") + "]}",
      ]),
    BadInput(
      "a rename or a restore onto a session that lives", "conflict",
      """
      RENAME s1 s1
      RENAME s1 s1 GRACE 5
      RESTORE {"session":"s1"}
      RESTORE {"session":"s1","version":7,"data":{"theme":1}}
      """),
    BadInput("an event that nobody has seen yet", "unknown", ["WATCH s1 SINCE 9223372036854775807"]),
    BadInput(
      "members of RESTORE that are missing, unknown, doubled or of another kind", "syntax",
      #"""
      RESTORE {}
      RESTORE {"data":{}}
      RESTORE {"session":"s2","keys":{}}
      RESTORE {"session":"s2","\u0000":1}
      RESTORE {"session":"s2","session":"s3"}
      RESTORE {"session":"s2","version":1,"version":2}
      RESTORE {"session":1}
      RESTORE {"session":"s2","version":0}
      RESTORE {"session":"s2","version":4503599627370496}
      RESTORE {"session":"s2","version":"1"}
      RESTORE {"session":"s2","created":"now"}
      RESTORE {"session":"s2","idle":0}
      RESTORE {"session":"s2","idle":null}
      RESTORE {"session":"s2","expires":1}
      RESTORE {"session":"s2","tags":"a"}
      RESTORE {"session":"s2","data":[]}
      """#),
  ]
}

extension BadInput {
  /// Numbers out of their bounds, or that are none.
  static let numbers = [
    BadInput(
      "a TTL that is none", "syntax",
      forms: [
        "SET s1 theme TTL % 1", "MSET s1 TTL % {}", "EXPIRE s1 %", "NEW TTL % {}", "RENAME s1 GRACE %",
        "RENAME s1 s2 GRACE %",
      ],
      filled: """
        0
        0.0
        -1
        -0
        0.0009
        315360001
        315360000.001
        9223372036854775807
        9223372036854775808
        18446744073709551616
        1e18
        1e3
        1x
        x
        +5
        .5
        5.
        1.2.3
        NaN
        inf
        0x10
        1,5
        "1 0"
        """),
    BadInput(
      "a TTL of 400 digits", "syntax",
      forms: ["SET s1 theme TTL % 1", "MSET s1 TTL 0.% {}", "EXPIRE s1 0.%", "EXPIRE s1 %"],
      filled: [[UInt8](repeating: UInt8(ascii: "0"), count: 400)]),
    BadInput(
      "an IF of no version", "syntax", forms: ["SET s1 theme IF % 1", "MSET s1 IF % {}"],
      filled: """
        x
        -1
        +1
        1.5
        1e3
        0x1
        9223372036854775808
        18446744073709551616
        111111111111111111111111111111111111111111
        """),
    BadInput(
      "a SINCE of no event's number", "syntax", forms: ["WATCH s1 SINCE %", "WATCH * SINCE %"],
      filled: "x\n-1\n+1\n1.5\n1e3\n9223372036854775808"),
    BadInput(
      "an INCR by no whole number of 64 bits", "syntax", forms: ["INCR s1 visits %"],
      filled: """
        x
        1.5
        1e3
        +1
        --1
        -
        0x1
        9223372036854775808
        -9223372036854775809
        111111111111111111111111111111111111111111
        """),
    BadInput(
      "an INCR over 64 bits, or of what is no whole number", "type",
      """
      INCR s1 most
      INCR s1 most 9223372036854775807
      INCR s1 least -1
      INCR s1 least -9223372036854775808
      INCR s1 theme
      INCR s1 half
      INCR s1 thousand
      INCR s1 digits
      INCR s1 huge
      INCR s1 nothing
      """),
    BadInput(
      "a LIMIT of LIST out of its bounds", "syntax", forms: ["LIST LIMIT %", "TAGGED t LIMIT %"],
      filled: "0\n-1\n1001\nx\n1.5\n99999999999999999999"),
    BadInput(
      "READS of a number out of its bounds", "syntax", forms: ["READS %"],
      filled: "0\n-1\n+1\n9007199254740993\n18446744073709551616\nx\n1.5\n1e3\n\"\""),
    BadInput(
      "a version that is not the session's", "conflict",
      """
      SET s1 theme IF 0 1
      SET s1 theme IF 9223372036854775807 1
      MSET s1 IF 0 {}
      SET other theme IF 5 1
      """),
  ]
}

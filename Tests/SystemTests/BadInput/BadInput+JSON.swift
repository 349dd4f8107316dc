extension BadInput {
  /// Values that are no JSON, or not the kind that is wanted.
  static let json = [
    BadInput(
      "broken and truncated JSON", "bad-json", forms: ["SET s1 theme %", "SET s1 theme [%,{]"],
      filled: #"""
        {
        }
        [
        ]
        [1
        [1,
        [1,]
        [,1]
        [1 2]
        {"a"
        {"a":
        {"a":1
        {"a":1,
        {"a":1,}
        {a:1}
        {1:1}
        {"a" 1}
        {"a":1 "b":2}
        {"a"::1}
        "
        "x
        "\
        "\x"
        "\u12"
        "\u12g4"
        'x'
        dark
        True
        TRUE
        tru
        truee
        nul
        nulll
        fals
        NaN
        Infinity
        undefined
        -
        +1
        -x
        01
        00
        -01
        1.
        .5
        1.e5
        1e
        1e+
        1e5.5
        0x10
        1_000
        1,2
        1 2
        "a" "b"
        {} {}
        []]
        {}}
        //
        /* */ 1
        1 //
        iff 1
        IFF 1 1
        TTLS 1 1
        """#),
    BadInput(
      "control characters in JSON", "bad-json", forms: ["SET s1 theme %", "MSET s1 {\"theme\":%}"],
      filled: "\"a\tb\"\n\"a\u{1}b\"\n\"\u{0}\"\n\u{0}\n\u{feff}1\n1\u{0}\n\u{b}1"),
    BadInput(
      "JSON that is no UTF-8", "bad-json", forms: ["SET s1 theme \"%\"", "MSET s1 {\"theme\":[\"%\"]}"],
      filled: [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xc3], [0xf5, 0x80, 0x80, 0x80], [0x80]]),
    BadInput(
      "JSON nested more than 64 deep", "bad-json",
      [
        "SET s1 theme " + arrays(65), "SET s1 theme " + objects(65), "MSET s1 {\"theme\":\(arrays(64))}",
        "SET s1 theme " + arrays(10_000), "SET s1 theme " + String(repeating: "[", count: 500_000),
        "SET s1 theme " + String(repeating: "{\"a\":", count: 100_000),
      ]),
    BadInput(
      "MSET or NEW of what is no whole object", "bad-json",
      forms: ["MSET s1 %", "MSET s1 TTL 5 %", "MSET s1 DROP theme %", "NEW %", "NEW TTL 5 %"],
      filled: #"""
        []
        [{"theme":1}]
        1
        "theme"
        null
        true
        {
        {"theme"}
        {"theme":1
        {"theme":1}}
        {"theme":1} 2
        {"theme":1,"visits":}
        {"theme":1,"visits":[}
        {"theme":1,visits:2}
        {"theme":1,"\ud800":2}
        """#),
  ]

  private static func arrays(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  private static func objects(_ depth: Int) -> String {
    String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
  }
}

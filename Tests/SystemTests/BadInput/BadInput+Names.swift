extension BadInput {
  /// Session ids, keys and prefixes that are none.
  static let names = [
    BadInput(
      "names over 255 bytes", "syntax", forms: formsOfName,
      filled: [256, 257, 9999].map { [UInt8](repeating: UInt8(ascii: "k"), count: $0) }
        + [Array(String(repeating: "é", count: 128).utf8)]),
    BadInput(
      "control characters in names", "syntax", forms: formsOfName,
      filled: "a\u{1}\na\u{1f}b\n\u{7f}\na\u{85}\n\u{9f}b\na\tb\na\u{0}b\na\rb"),
    BadInput(
      "control characters in quoted names", "syntax",
      forms: formsOfName.map { $0.replacing("%", with: "\"%\"") },
      filled: [#"a\u0000"#, #"\n"#, #"\u007f"#, #"\u0080"#, #"\u009f"#, #"\t"#, "\u{1}"].map {
        Array($0.utf8)
      }),
    BadInput(
      "control characters in the names of an object's members", "syntax",
      forms: [#"MSET s1 {"%":1}"#, #"MSET s1 {"theme":1,"k%":1}"#],
      filled: #"""
        \u0001
        \n
        \u007f
        \u009f
        """#),
    BadInput(
      "names that are no UTF-8", "syntax", forms: formsOfName + ["GET \"%\""],
      filled: [
        [0xff], [0xc0, 0x80], [0xc1, 0xbf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0x80],
        [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xfe, 0xfe], [0xe0, 0x80, 0xaf], [0x61, 0xc3, 0x28],
      ]),
  ]

  /// Every place of a request where a name stands.
  private static let formsOfName = [
    "GET %", "GET s1 %", "PEEK %", "MGET s1 theme %", "SET % a 1", "SET s1 % 1", "MSET % {}", "DEL %",
    "DEL s1 theme %",
    "INCR % a", "INCR s1 %", "EXISTS %", "TTL %", "EXPIRE % 5", "TOUCH s1 %", "INFO %", "LIST MATCH %",
    "LIST AFTER %", "MSET s1 DROP % {}", "RENAME %", "RENAME s1 %", "REVOKE s2 %", "REVOKEALL %", "TAG % t",
    "TAG s1 t %", "UNTAG s1 %", "TAGGED %", "TAGGED t AFTER %", "WATCH s1 %", "WHY %", "DUMP %",
  ]
}

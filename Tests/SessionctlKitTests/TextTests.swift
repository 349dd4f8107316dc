import SessionClient
import Testing

@testable import SessionctlKit

@Suite("Texts in columns")
struct TextTests {
  @Test("take as many columns as a terminal gives them")
  func widths() {
    #expect(DisplayWidth.columns("abc") == 3)
    #expect(DisplayWidth.columns("äé") == 2)
    #expect(DisplayWidth.columns("e\u{301}") == 1)
    #expect(DisplayWidth.columns("漢字") == 4)
    #expect(DisplayWidth.columns("▁█→µ") == 4)
    #expect(DisplayWidth.columns("") == 0)
  }

  @Test(
    "take two columns for each picture",
    arguments: [
      "\u{1F600}", "\u{1F680}", "\u{1F6FC}", "\u{1F7E0}", "\u{1F7EB}", "\u{1FA70}", "\u{1FAFF}",
      "\u{231A}", "\u{23F3}", "\u{25FD}", "\u{2614}", "\u{26A1}", "\u{2705}", "\u{2757}", "\u{2B50}",
      "\u{1F004}", "\u{1F0CF}", "\u{1F18E}", "\u{1F1E6}", "\u{1F1E9}\u{1F1EA}", "\u{1F44D}\u{1F3FD}",
      "\u{2620}\u{FE0F}", "1\u{FE0F}\u{20E3}",
    ])
  func pictures(picture: String) {
    #expect(DisplayWidth.columns(picture) == 2)
    #expect(DisplayWidth.columns(String(repeating: picture + "|", count: 60)) == 180)
    #expect(DisplayWidth.cut("\(picture)|\(picture)", to: 4) == "\(picture)|…")
  }

  @Test(
    "take one column for each sign that could be a picture and is none",
    arguments: ["1", "#", "\u{2620}", "\u{2620}\u{FE0E}", "\u{2713}", "\u{2197}", "a\u{FE0F}"])
  func signs(sign: String) { #expect(DisplayWidth.columns(sign) == 1) }

  @Test("are cut with a sign, never in the midst of a wide character")
  func cut() {
    #expect(DisplayWidth.cut("session", to: 7) == "session")
    #expect(DisplayWidth.cut("session", to: 4) == "ses…")
    #expect(DisplayWidth.cut("漢字漢字", to: 4) == "漢…")
    #expect(DisplayWidth.cut("漢字", to: 1) == "…")
    #expect(DisplayWidth.cut("x", to: 0) == "")
  }

  @Test("hold nothing that a terminal obeys or that hides what they are")
  func printable() {
    #expect(DisplayWidth.printable("user:42 é 漢") == "user:42 é 漢")
    #expect(DisplayWidth.printable("a\u{1B}[2Jb") == #"a\u{1b}[2Jb"#)
    #expect(DisplayWidth.printable("a\u{9B}2J") == #"a\u{9b}2J"#)
    #expect(DisplayWidth.printable("a\u{202E}b\u{2028}") == #"a\u{202e}b\u{2028}"#)
    #expect(TextPiece("\u{7F}\n").text == #"\u{7f}\u{a}"#)
  }

  @Test("show a backslash twice where it could be taken for one of theirs, and only there")
  func backslashes() {
    #expect(DisplayWidth.printable(#"DOMAIN\user\\x"#) == #"DOMAIN\user\\x"#)
    #expect(DisplayWidth.printable(#"a\u{202e}b"#) == #"a\\u{202e}b"#)
    #expect(DisplayWidth.printable("a\u{202E}b") == #"a\u{202e}b"#)
    #expect(DisplayWidth.printable("\\a\u{202E}b") == #"\\a\u{202e}b"#)
    #expect(DisplayWidth.printable("\\\u{202E}") == #"\\\u{202e}"#)
    #expect(DisplayWidth.printable(#"\\u{202e}"#) == #"\\\\u{202e}"#)
    // One that begins a character of several scalars is found as well.
    #expect(DisplayWidth.printable("\u{D4E}" + #"\u{202e}"#) == "\u{D4E}" + #"\\u{202e}"#)
  }

  @Test("stay JSON of the same value where they are JSON")
  func json() throws {
    #expect(DisplayWidth.printableJSON(#"{"a":"é 漢 \\u009b"}"#) == #"{"a":"é 漢 \\u009b"}"#)
    let hostile = "{\"\u{9B}2J\":\"\u{7F}\u{202E}\u{2028}\u{E0001}\\\\\u{85}\",\t\"b\":1}"
    let shown = DisplayWidth.printableJSON(hostile)
    #expect(shown == #"{"\u009b2J":"\u007f\u202e\u2028\udb40\udc01\\\u0085", "b":1}"#)
    #expect(try SessionValue(json: shown) == SessionValue(json: hostile))
  }

  @Test("are values that a terminal is given as JSON where they hold what it would obey or not show")
  func values() throws {
    let raw = SessionJSON(string: "a\u{202E}b")
    #expect(try Shown.value(raw) == "a\u{202E}b")
    #expect(try Shown.value(raw, onTerminal: true) == #""a\u202eb""#)
    #expect(try Shown.value(SessionJSON(string: "a\u{9B}b"), onTerminal: true) == #""a\u009bb""#)
    #expect(try Shown.value(SessionJSON(string: "a\n\tb"), onTerminal: true) == "a\n\tb")
    let object = try #require(try SessionValue(json: "{\"k\u{85}\":\"\u{9B}\"}").objectValue)
    #expect(Shown.lines(object, onTerminal: true) == [#"k\u{85}  "\u009b""#])
    #expect(Shown.lines(object) == ["k\u{85}  \"\u{9B}\""])
  }

  @Test("are refused as words of a command line where they are none")
  func argumentBytes() {
    #expect(ArgumentBytes.complaint(about: []) == nil)
    #expect(ArgumentBytes.complaint(about: [Array("é 漢".utf8), []]) == nil)
    #expect(
      ArgumentBytes.complaint(about: [Array("set".utf8), [0x62, 0xFF, 0x01]])
        == #"Argument 2 is not UTF-8: b\xff\x01. Nothing was sent."#)
  }

  @Test("are lines of pieces that are cut before they are coloured")
  func lines() {
    var line: TextLine = [TextPiece("ab", .good), "cd"]
    line.pad(to: 6)
    line.pad(to: 2)
    line.append("ef")
    #expect(line.text(.plain) == "abcd  ef")
    #expect(line.columns == 8)
    #expect(line.text(.coloured, columns: 3) == "\u{1B}[32mab\u{1B}[0m…")
    #expect(line.text(.plain, columns: 2) == "ab")
  }
}

@Suite("Tables")
struct TableTests {
  @Test("have titles once, texts on the left and numbers on the right")
  func shape() {
    var table = Table(.left("name"), .right("count"), .left("note"))
    table.add("a", "1", "first")
    table.add(TextPiece("longer", .bad), "1,000")
    #expect(
      table.takeLines().map { $0.text(.plain) } == [
        "name    count  note", "a           1  first", "longer  1,000",
      ])
    table.add("b", "20", "漢")
    #expect(table.takeLines().map { $0.text(.plain) } == ["b          20  漢"])
    #expect(table.takeLines().isEmpty)
  }

  @Test("get wider and never narrower as rows come, and can be wide from the start")
  func growing() {
    var table = Table(.left("id", least: 4), .left("x"))
    #expect(table.takeLines().map { $0.text(.plain) } == ["id    x"])
    table.add("123456", "y")
    #expect(table.takeLines().map { $0.text(.plain) } == ["123456  y"])
    table.add("1", "z")
    #expect(table.takeLines().map { $0.text(.plain) } == ["1       z"])
  }

  @Test("have columns below each other whatever the colours")
  func colours() {
    var table = Table(.left("a"), .right("b"))
    table.add(TextPiece("x", .good), TextPiece("12", .bad))
    #expect(table.takeLines()[1].text(.coloured) == "\u{1B}[32mx\u{1B}[0m  \u{1B}[1;31m12\u{1B}[0m")
  }
}

@Suite("Spark lines")
struct SparkLineTests {
  @Test("show the last numbers, the largest as the highest bar")
  func bars() {
    #expect(SparkLine.text([0, 1, 2, 4, 8], columns: 10) == "▁▂▃▅█")
    #expect(SparkLine.text([99, 0, 1], columns: 2) == "▁█")
    #expect(SparkLine.text([0, 0], columns: 5) == "▁▁")
    #expect(SparkLine.text([], columns: 5) == "")
    #expect(SparkLine.text([1, 2], columns: 0) == "")
    #expect(SparkLine.text([-1, .nan, .infinity, 2], columns: 4) == "▁▁▁█")
  }

  @Test("have a gauge beside them that never leaves its brackets")
  func gauge() {
    #expect(SparkLine.gauge(0.5, columns: 6) == "[##--]")
    #expect(SparkLine.gauge(7, columns: 6) == "[####]")
    #expect(SparkLine.gauge(-1, columns: 6) == "[----]")
    #expect(SparkLine.gauge(.nan, columns: 6) == "[----]")
    #expect(SparkLine.gauge(1, columns: 0) == "[]")
  }
}

@Suite("Numbers for people")
struct ShownTests {
  @Test("rates have a tenth where that matters")
  func rates() {
    #expect(Shown.rate(0) == "0")
    #expect(Shown.rate(0.25) == "0.3")
    #expect(Shown.rate(99.94) == "99.9")
    #expect(Shown.rate(12_345.6) == "12,346")
    #expect(Shown.rate(.infinity) == "-")
    #expect(Shown.percent(0.985) == "98.5 %")
  }
}

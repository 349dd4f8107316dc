import Testing

@testable import SessionServer

@Suite("Durations and sizes")
struct ValueTextTests {
  @Test(
    "are understood as people write them",
    arguments: [
      ("500ms", 500_000_000), ("10s", 10_000_000_000), ("10m", 600_000_000_000), ("2h", 7_200_000_000_000),
      ("7d", 604_800_000_000_000), ("90", 90_000_000_000), ("0", 0), ("0010s", 10_000_000_000),
      ("9223372036854ms", 9_223_372_036_854_000_000), ("9223372036", 9_223_372_036_000_000_000),
      ("106751d", 9_223_286_400_000_000_000),
    ] as [(String, Int64)])
  func durations(text: String, nanoseconds: Int64) {
    #expect(ValueText.duration(text) == nanoseconds)
  }

  @Test(
    "in powers of 1024 and letters of either case",
    arguments: [
      ("0", 0), ("1", 1), ("64K", 65_536), ("64k", 65_536), ("256M", 268_435_456), ("2G", 2_147_483_648),
      ("1t", 1_099_511_627_776), ("9223372036854775807", Int.max), ("8388607T", 9_223_370_937_343_148_032),
    ])
  func sizes(text: String, bytes: Int) {
    #expect(ValueText.size(text) == bytes)
  }

  @Test(
    "that are none are refused",
    arguments: [
      "", " ", "ms", "s", "K", "-1", "+1", "-1s", "1.5s", "1.5M", "1 s", " 1", "1 ", "1e3", "0x10", "1x",
      "1sm", "1mss",
      "1KB", "1MiB", "s1", "K1", "١", "１２", "1,000", "1_000", "\u{0}1", "∞",
    ])
  func refused(text: String) {
    #expect(ValueText.duration(text) == nil)
    #expect(ValueText.size(text) == nil)
  }

  @Test("have units that are not each other's")
  func units() {
    for text in ["10S", "10H", "10D", "10MS", "10K", "10G"] {
      #expect(ValueText.duration(text) == nil, "\(text)")
    }
    for text in ["10s", "10h", "10d", "10ms"] { #expect(ValueText.size(text) == nil, "\(text)") }
  }

  @Test("are understood down to microseconds where they may be that short")
  func fineDurations() {
    let times: [(String, Int64)] = [("20us", 20_000), ("1ms", 1_000_000), ("0", 0), ("1s", 1_000_000_000)]
    for (text, nanoseconds) in times {
      #expect(ValueText.fineDuration(text) == nanoseconds)
    }
    for text in ["us", "20u", "20US", "1.5us", "-1us", "9223372036854776us", "20ns"] {
      #expect(ValueText.fineDuration(text) == nil, "\(text)")
    }
    #expect(ValueText.duration("20us") == nil)
    #expect(ValueText.text(nanoseconds: 20_000) == "20us")
    #expect(ValueText.text(nanoseconds: 1_001_000) == "1001us")
  }

  @Test("over 64 bits are refused, and nothing traps")
  func overflow() {
    for text in ["9223372036855ms", "9223372037", "9223372037s", "153722868m", "2562048h", "106752d"] {
      #expect(ValueText.duration(text) == nil, "\(text)")
    }
    for text in ["9223372036854775808", "9007199254740992K", "8796093022208M", "8589934592G", "8388608T"] {
      #expect(ValueText.size(text) == nil, "\(text)")
    }
    for suffix in ["", "ms", "d", "K", "T"] {
      let text = String(repeating: "9", count: 1000) + suffix
      #expect(ValueText.duration(text) == nil)
      #expect(ValueText.size(text) == nil)
    }
  }

  @Test(
    "are written in the largest unit that says them whole, and read as the same",
    arguments: [
      ("1ms", 1_000_000), ("1500ms", 1_500_000_000), ("1s", 1_000_000_000), ("90s", 90_000_000_000),
      ("10m", 600_000_000_000), ("26h", 93_600_000_000_000), ("3650d", 315_360_000_000_000_000),
    ] as [(String, Int64)])
  func writtenDurations(text: String, nanoseconds: Int64) {
    #expect(ValueText.text(nanoseconds: nanoseconds) == text)
    #expect(ValueText.duration(text) == nanoseconds)
  }

  @Test(
    "likewise in bytes",
    arguments: [
      ("0", 0), ("1023", 1023), ("1K", 1024), ("1025", 1025), ("256M", 256 << 20), ("32T", 32 << 40),
    ])
  func writtenSizes(text: String, bytes: Int) {
    #expect(ValueText.text(bytes: bytes) == text)
    #expect(ValueText.size(text) == bytes)
  }
}

@Suite("Texts from outside in lines for people")
struct ValueTextQuotingTests {
  @Test(
    "have control characters and what turns the direction of writing written out",
    arguments: [
      ("\0", #"\u{0}"#), ("a\u{1B}[31m\r\n", #"a\u{1B}[31m\u{D}\u{A}"#), ("\u{7F}\u{9B}", #"\u{7F}\u{9B}"#),
      ("\u{202E}x\u{2066}", #"\u{202E}x\u{2066}"#), ("\u{2028}", #"\u{2028}"#),
    ])
  func controls(text: String, shown: String) {
    #expect(ValueText.printable(text) == shown)
    #expect(ValueText.printable(shown) == shown)
    #expect(ValueText.quoted(text) == "'\(shown)'")
  }

  @Test("stay as they are otherwise", arguments: ["", "plain 'text'", #"C:\dir"#, "Grüße, 世界 👩‍👧"])
  func others(text: String) {
    #expect(ValueText.printable(text) == text)
  }

  @Test("are quoted up to 200 characters, however few letters these make")
  func long() {
    let whole = String(repeating: "x", count: 200)
    #expect(ValueText.quoted(whole) == "'\(whole)'")
    #expect(ValueText.quoted(whole + "x") == "'\(whole)…'")
    let oneLetter = "e" + String(repeating: "\u{301}", count: 1000)
    #expect(ValueText.quoted(oneLetter).unicodeScalars.count == 203)
  }
}

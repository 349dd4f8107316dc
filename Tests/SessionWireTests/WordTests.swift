import TestSupport
import Testing

@testable import SessionWire

@Suite("Words")
struct WordTests {
  private func number<T>(
    _ text: String, _ read: (borrowing MutableSpan<UInt8>, Range<Int>) -> T?
  ) -> T? {
    var guarded = GuardedBytes(Array(text.utf8))
    let line = guarded.range
    let span = guarded.bytes.mutableSpan
    return read(span, line)
  }

  private func seconds(_ text: String) -> Int64? { number(text) { DecimalWord.seconds($0, $1) } }
  private func signed(_ text: String) -> Int64? { number(text) { DecimalWord.signed($0, $1) } }
  private func unsigned(_ text: String) -> UInt64? { number(text) { DecimalWord.unsigned($0, $1) } }

  @Test(
    "seconds are read to the nanosecond",
    arguments: [
      ("0", 0), ("0.001", 1_000_000), ("1", 1_000_000_000), ("1.5", 1_500_000_000),
      ("007.250", 7_250_000_000),
      ("0.000000001", 1), ("0.123456789", 123_456_789), ("315360000", 315_360_000_000_000_000),
      ("315360000.000000001", 315_360_000_000_000_001), ("9223372036.854775807", Int64.max),
    ])
  func seconds(text: String, nanoseconds: Int64) {
    #expect(seconds(text) == nanoseconds)
  }

  @Test("digits of seconds past the ninth place are dropped, however many there are")
  func fractions() {
    #expect(seconds("0.0000000019") == 1)
    #expect(seconds("1.000000000999999999999999999999999") == 1_000_000_000)
    #expect(seconds("0.5" + String(repeating: "9", count: 5000)) == 599_999_999)
    #expect(seconds("1.0000000000x") == nil)
  }

  @Test(
    "what is no number of seconds is refused",
    arguments: [
      "", ".", "1.", ".5", "-1", "+1", "1.2.3", "1..2", "1 ", "1e3", "x", "9223372036.854775808",
      "9223372037",
      "99999999999999999999999", "1.5s", "\u{661}",
    ])
  func noSeconds(text: String) {
    #expect(seconds(text) == nil)
  }

  @Test("signed numbers reach from Int64.min to Int64.max")
  func signedRange() {
    #expect(signed("9223372036854775807") == .max)
    #expect(signed("9223372036854775808") == nil)
    #expect(signed("-9223372036854775808") == .min)
    #expect(signed("-9223372036854775809") == nil)
    #expect(signed("-0") == 0)
    #expect(signed("-0012") == -12)
    #expect(signed(String(repeating: "0", count: 1000) + "1") == 1)
    for text in ["", "-", "+1", "--1", "1-", "1.0", "1e1", " 1", "0x1", String(repeating: "9", count: 1000)] {
      #expect(signed(text) == nil, "\(text.prefix(20))")
    }
  }

  @Test("unsigned numbers reach from 0 to 2^63-1")
  func unsignedRange() {
    #expect(unsigned("0") == 0)
    #expect(unsigned("9223372036854775807") == 9_223_372_036_854_775_807)
    for text in ["", "-0", "-1", "+1", "9223372036854775808", "18446744073709551616", "1.0", "x"] {
      #expect(unsigned(text) == nil, "\(text)")
    }
  }

  @Test("random numbers are read as Swift reads them")
  func randomNumbers() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      let value = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random)
      #expect(signed("\(value)") == value)
      let longer = "\(value)\(Int.random(in: 0...9, using: &random))"
      #expect(signed(longer) == Int64(longer))
    }
  }

  @Test("the scanner hands out words decoded, one after the other, and then none")
  func scanner() throws {
    var guarded = GuardedBytes(Array(#"  one "two three" "\u0034"  five "#.utf8))
    let line = guarded.range
    var span = guarded.bytes.mutableSpan
    var scanner = WordScanner(line)
    var ranges: [Range<Int>] = []
    while let word = try scanner.next(&span) { ranges.append(word) }
    #expect(scanner.rest.isEmpty)
    #expect(ranges.map { guarded.text($0) } == ["one", "two three", "4", "five"])
    guarded.expectIntactWalls()
  }

  @Test("a word that was looked at is still there")
  func peeking() throws {
    var guarded = GuardedBytes(Array("IF 1".utf8))
    let line = guarded.range
    var span = guarded.bytes.mutableSpan
    var scanner = WordScanner(line)
    let peeked = scanner.peekBare(span)
    let taken = try scanner.next(&span)
    #expect(taken == peeked)
    #expect(guarded.text(peeked) == "IF")
  }

  @Test(
    "a word of letters is packed whatever their case, anything else is not",
    arguments: [
      ("IF 1", "IF"), ("if", "IF"), (" tTl\"", "TTL"), ("REVOKEALL x", "REVOKEALL"),
      ("ABCDEFGHIJKL", "ABCDEFGHIJKL"),
      ("ABCDEFGHIJKLM", nil), ("", nil), ("  ", nil), ("\"IF\"", nil), ("I2", nil), ("[", nil), ("a{", nil),
      ("@", nil), ("`", nil), ("i\u{e9}", nil), ("12", nil),
    ] as [(String, String?)])
  func packing(text: String, word: String?) {
    var guarded = GuardedBytes(Array(text.utf8))
    let line = guarded.range
    let span = guarded.bytes.mutableSpan
    var scanner = WordScanner(line)
    let peeked = scanner.peekPacked(span)
    #expect(peeked?.packed == word.map { PackedWord.pack($0) })
    #expect(peeked.map { guarded.text($0.range).uppercased() } == word)
  }

  @Test("a name is what its word is, checked, on whatever line it stands")
  func randomNames() throws {
    let pieces: [[UInt8]] = [
      [0x20], [0x20, 0x20], [0x22], [0x5C], [0x5C, 0x22], [0x7F], [0x1F], [0x00], [0x21], [0x7E],
      Array("é".utf8), Array("日".utf8), Array("\u{85}".utf8), [0x80], [0xFF], Array("abcdefgh".utf8),
      Array("x".utf8), [UInt8](repeating: 0x61, count: 240), [UInt8](repeating: 0x62, count: 15),
    ]
    var random = SplitMix64(seed: 12)
    for _ in 0..<5000 {
      let content = (0..<random.pick(6)).flatMap { _ in pieces[random.pick(pieces.count)] }
      var (one, other) = (GuardedBytes(content), GuardedBytes(content))
      let (name, error) = nextName(&one)
      let (wanted, wantedError) = checkedWord(&other)
      #expect(name == wanted)
      #expect(error == wantedError)
      #expect(one.bytes == other.bytes)
      one.expectIntactWalls()
    }
  }

  private func nextName(_ guarded: inout GuardedBytes) -> (Range<Int>?, RequestError?) {
    var scanner = WordScanner(guarded.range)
    var span = guarded.bytes.mutableSpan
    do throws(RequestError) {
      return (try scanner.nextName(&span, "key"), nil)
    } catch {
      return (nil, error)
    }
  }

  /// The same by the rules themselves: first the word, then the name.
  private func checkedWord(_ guarded: inout GuardedBytes) -> (Range<Int>?, RequestError?) {
    var scanner = WordScanner(guarded.range)
    var span = guarded.bytes.mutableSpan
    do throws(RequestError) {
      let word = try scanner.next(&span)
      if let word { try WordScanner.check(name: word, "key", span) }
      return (word, nil)
    } catch {
      return (nil, error)
    }
  }
}

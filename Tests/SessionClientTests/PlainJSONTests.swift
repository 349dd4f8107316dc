import TestSupport
import Testing

@testable import SessionClient

@Suite("JSON texts of the plain kind") struct PlainJSONTests {
  private func span<R>(_ text: String, _ read: (Span<UInt8>) -> R?) -> R? {
    let bytes = Array(text.utf8)
    return read(bytes.span)
  }

  @Test("are read; whatever is not plain is left to others")
  func examples() {
    #expect(span(#""""#, PlainJSON.string) == "")
    #expect(span(#""dark é 🙂""#, PlainJSON.string) == "dark é 🙂")
    for text in [#""a\n""#, #""a"b""#, "\"", "a", #""a"#, "", #""\"""#, "42"] {
      #expect(span(text, PlainJSON.string) == nil)
    }
    #expect([UInt8]([0x22, 0xFF, 0x22]).withUnsafeBufferPointer { PlainJSON.string($0.span) } == nil)
    #expect(span("true", PlainJSON.truth) == true)
    #expect(span("false", PlainJSON.truth) == false)
    for text in ["True", "tru", "truee", "1", ""] { #expect(span(text, PlainJSON.truth) == nil) }
    for number in [0, 1, -1, 42, 999_999_999_999_999, 1_000_000_000_000_000, .max, .min] {
      #expect(span("\(number)", PlainJSON.integer) == number)
    }
    #expect(span("-0", PlainJSON.integer) == 0)
    for text in ["", "-", "01", "+1", "1.0", "1e3", "9223372036854775808", "1 ", " 1", "x", "--1"] {
      #expect(span(text, PlainJSON.integer) == nil)
    }
    for text in ["", "-", "01", "1.", ".5", "1e", "1e999", "-1e999", "1.5x", "NaN", "inf", "0x10", "1e5 "] {
      #expect(span(text, PlainJSON.double) == nil, "\(text)")
    }
    #expect(span("-0", PlainJSON.double)?.sign == .minus)
  }

  @Test("numbers are the nearest to what is written")
  func numbers() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<20_000 {
      let digits = Int.random(in: 1...22, using: &random)
      var text = Bool.random(using: &random) ? "-" : ""
      text += "\(Int.random(in: 1...9, using: &random))"
      for _ in 1..<max(digits, 2) { text += "\(Int.random(in: 0...9, using: &random))" }
      let point = text.index(text.endIndex, offsetBy: -Int.random(in: 0..<digits, using: &random))
      let fraction = text[point...]
      if !fraction.isEmpty { text = text[..<point] + "." + fraction }
      if text.hasPrefix(".") || text.hasPrefix("-.") { text = text.replacingFirst(".", by: "0.") }
      if Int.random(in: 0..<4, using: &random) == 0 { text += "e\(Int.random(in: -30...30, using: &random))" }
      #expect(span(text, PlainJSON.double) == Double(text), "\(text)")
      #expect(span(text, PlainJSON.integer) == Int(text), "\(text)")
    }
  }
}

extension String {
  fileprivate func replacingFirst(_ character: Character, by text: String) -> String {
    guard let index = firstIndex(of: character) else { return self }
    return self[..<index] + text + self[self.index(after: index)...]
  }
}

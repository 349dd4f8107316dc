import SessionWire
import TestSupport
import Testing

@Suite("Replies")
struct ReplyWritingTests {
  private func written(_ write: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    write(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("are whole lines")
  func lines() {
    #expect(written { $0.appendOK() } == "OK\n")
    #expect(written { $0.appendNil() } == "NIL\n")
    #expect(written { $0.appendOK(42) } == "OK 42\n")
    #expect(written { $0.appendOK(true) } == "OK true\n")
    #expect(written { $0.appendOK(false) } == "OK false\n")
    #expect(written { $0.appendError(RequestError(.tooLarge, "no room")) } == "ERR too-large no room\n")
  }

  @Test("are added behind those that are there")
  func appending() {
    let reply = written {
      $0.appendOK(1)
      $0.appendNil()
      $0.appendOK(-20)
    }
    #expect(reply == "OK 1\nNIL\nOK -20\n")
  }

  @Test("write whole numbers as Swift prints them")
  func decimals() {
    for number in [Int64.min, Int64.min + 1, -10, -1, 0, 1, 9, 10, 11, 99, 100, Int64.max - 1, Int64.max] {
      #expect(written { $0.appendDecimal(number) } == "\(number)")
    }
    for number in [UInt64.max, UInt64.max - 1, 10_000_000_000_000_000_000, 9_999_999_999_999_999_999] {
      #expect(written { $0.appendDecimal(number) } == "\(number)")
    }
    for number in [Int8.min, Int8.max] { #expect(written { $0.appendDecimal(number) } == "\(number)") }
    var power: UInt64 = 1
    for _ in 0..<19 {
      power *= 10
      #expect(written { $0.appendDecimal(power - 1) } == "\(power - 1)")
      #expect(written { $0.appendDecimal(power) } == "\(power)")
    }
    var random = SplitMix64(seed: 5)
    for _ in 0..<2000 {
      let number = UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
      #expect(written { $0.appendDecimal(number) } == "\(number)")
    }
  }

  @Test(
    "write seconds with three decimals at most and no zeros behind them",
    arguments: [
      (0, "0"), (999_999, "0"), (1_000_000, "0.001"), (10_000_000, "0.01"), (100_000_000, "0.1"),
      (583_200_000_000, "583.2"), (600_000_000_000, "600"), (1_010_000_000, "1.01"), (1_999_999_999, "1.999"),
      (-1_500_000_000, "-1.5"), (-999_999, "0"), (-1_000_000, "-0.001"), (Int64.max, "9223372036.854"),
      (Int64.min, "-9223372036.854"),
    ] as [(Int64, String)])
  func seconds(nanoseconds: Int64, text: String) {
    #expect(written { $0.appendSeconds(nanoseconds) } == text)
  }

  @Test("write thousandths over the whole range of 64 bits")
  func thousandths() {
    #expect(written { $0.appendThousandths(.max) } == "9223372036854775.807")
    #expect(written { $0.appendThousandths(.min) } == "-9223372036854775.808")
  }

  @Test("write names in quotes so that they read back as they are")
  func quoting() throws {
    for name in ["plain", "a b", #"say "hi""#, #"back\slash"#, #"\"#, #"""#, "é日😀", #"\\""\"#] {
      let bytes = Array(name.utf8)
      let quoted = written { $0.appendQuoted(bytes.span) }
      var parser = RequestParser()
      #expect(parser.understand("GET \(quoted)") == .success("GET <\(name)>"))
    }
  }
}

import TestSupport

/// A random JSON value, printed twice: with nothing between its tokens, and with random white space
/// there.
struct RandomJSON {
  private(set) var compact: [UInt8] = []
  private(set) var spaced: [UInt8] = []
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    value(depth: 0)
    space()
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func space() {
    for _ in 0..<pick(3) { spaced.append([0x20, 0x09, 0x0A, 0x0D][pick(4)]) }
  }

  private mutating func token(_ text: some Sequence<UInt8>) {
    space()
    compact += text
    spaced += text
  }

  private mutating func value(depth: Int) {
    switch pick(depth > 4 ? 5 : 8) {
    case 0: token(["true", "false", "null"][pick(3)].utf8)
    case 1, 2: token(number().utf8)
    case 3, 4: token(string())
    case 5, 6:
      token("{".utf8)
      for index in 0..<pick(5) {
        if index > 0 { token(",".utf8) }
        token(string())
        token(":".utf8)
        value(depth: depth + 1)
      }
      token("}".utf8)
    default:
      token("[".utf8)
      for index in 0..<pick(5) {
        if index > 0 { token(",".utf8) }
        value(depth: depth + 1)
      }
      token("]".utf8)
    }
  }

  private mutating func number() -> String {
    var text = ["", "-"][pick(2)] + ["0", "7", "10", "90071992547409931234567890"][pick(4)]
    if pick(2) == 0 { text += "." + ["0", "50", "000001"][pick(3)] }
    if pick(3) == 0 { text += ["e", "E", "e+", "E-"][pick(4)] + ["0", "400", "007"][pick(3)] }
    return text
  }

  /// Long ones too, so that text is copied eight bytes at a time and one at a time.
  private mutating func string() -> [UInt8] {
    var text = "\""
    for _ in 0..<pick(20) {
      switch pick(6) {
      case 0: text += ["\\n", "\\\"", "\\\\", "\\/", "\\b", "\\u00e9", "\\ud83d\\ude00", "\\uDEAD"][pick(8)]
      case 1: text += ["é", "日", "😀", "\u{7F}", "\u{80}", "\u{7FF}", "\u{FFFF}", "\u{10FFFF}"][pick(8)]
      case 2: text += ["[", "]", "{", "}", ":", ",", "  ", "'"][pick(8)]
      default: text += String(repeating: "x", count: pick(12))
      }
    }
    return Array((text + "\"").utf8)
  }
}

/// JSON as RFC 8259 draws it, written as plainly as can be and knowing nothing of the code under test:
/// it answers with the text without the white space between its tokens, or with nil for what is none.
struct ReferenceJSON {
  private static let depthMost = 64

  private var rest: ArraySlice<UInt8>
  private var output: [UInt8] = []

  static func compact(_ bytes: [UInt8]) -> [UInt8]? {
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var reader = ReferenceJSON(rest: bytes[...])
    guard reader.value(depth: 0) else { return nil }
    reader.space()
    return reader.rest.isEmpty ? reader.output : nil
  }

  private init(rest: ArraySlice<UInt8>) { self.rest = rest }

  private mutating func space() {
    rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  /// Takes one character that must be one of these.
  private mutating func take(_ characters: String) -> Bool {
    guard let first = rest.first, characters.utf8.contains(first) else { return false }
    output.append(rest.removeFirst())
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard rest.starts(with: word.utf8) else { return false }
    output += word.utf8
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  private mutating func value(depth: Int) -> Bool {
    space()
    if take(word: "true") || take(word: "false") || take(word: "null") { return true }
    switch rest.first.map({ Unicode.Scalar($0) }) {
    case "\"": return string()
    case "{": return depth < Self.depthMost && list("{", "}") { $0.member(depth: depth + 1) }
    case "[": return depth < Self.depthMost && list("[", "]") { $0.value(depth: depth + 1) }
    default: return number()
    }
  }

  private mutating func list(
    _ open: String, _ close: String, element: (inout ReferenceJSON) -> Bool
  ) -> Bool {
    guard take(open) else { return false }
    space()
    if take(close) { return true }
    while element(&self) {
      space()
      if take(close) { return true }
      guard take(",") else { return false }
    }
    return false
  }

  private mutating func member(depth: Int) -> Bool {
    space()
    guard string() else { return false }
    space()
    return take(":") && value(depth: depth)
  }

  private mutating func string() -> Bool {
    guard take("\"") else { return false }
    while let byte = rest.first {
      if take("\"") { return true }
      if take("\\") {
        if take("u") {
          for _ in 0..<4 { guard take("0123456789abcdefABCDEF") else { return false } }
        } else {
          guard take("\"\\/bfnrt") else { return false }
        }
      } else {
        guard byte >= 0x20 else { return false }
        output.append(rest.removeFirst())
      }
    }
    return false
  }

  private mutating func digits() -> Bool {
    guard take("0123456789") else { return false }
    while take("0123456789") {}
    return true
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") { guard digits() else { return false } }
    if take(".") { guard digits() else { return false } }
    if take("eE") {
      _ = take("+-")
      guard digits() else { return false }
    }
    return true
  }
}

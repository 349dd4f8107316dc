/// The pattern of a reply line in Protocol.md: text in which `{version}` stands for digits, `{number}`
/// for a JSON number and `{any}` for any text.
struct ReplyPattern {
  private enum Part {
    case byte(UInt8)
    case version
    case number
    case any
  }

  private static let placeholders: [(name: [UInt8], part: Part)] = [
    (Array("{version}".utf8), .version), (Array("{number}".utf8), .number), (Array("{any}".utf8), .any),
  ]

  private let parts: [Part]

  init(_ text: some StringProtocol) {
    var parts: [Part] = []
    var rest = Array(text.utf8)[...]
    while let first = rest.first {
      if let (name, part) = Self.placeholders.first(where: { rest.starts(with: $0.name) }) {
        parts.append(part)
        rest = rest.dropFirst(name.count)
      } else {
        parts.append(.byte(first))
        rest = rest.dropFirst()
      }
    }
    self.parts = parts
  }

  /// What the first `{version}` stood for ("" where there is none), or nil when the reply is another.
  func match(_ reply: String) -> String? {
    var version = ""
    return Self.match(parts[...], Array(reply.utf8)[...], &version) ? version : nil
  }

  private static func match(
    _ parts: ArraySlice<Part>, _ reply: ArraySlice<UInt8>, _ version: inout String
  ) -> Bool {
    var parts = parts
    var reply = reply
    while let part = parts.popFirst() {
      switch part {
      case .byte(let byte):
        guard reply.popFirst() == byte else { return false }
      case .version:
        let digits = reply.prefix { isDigit($0) }
        if digits.isEmpty { return false }
        if version.isEmpty { version = String(decoding: digits, as: UTF8.self) }
        reply = reply.dropFirst(digits.count)
      case .number:
        let number = reply.prefix { isDigit($0) || "+-.eE".utf8.contains($0) }
        guard Double(String(decoding: number, as: UTF8.self)) != nil else { return false }
        reply = reply.dropFirst(number.count)
      case .any:
        return (reply.startIndex...reply.endIndex).contains { match(parts, reply[$0...], &version) }
      }
    }
    return reply.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}

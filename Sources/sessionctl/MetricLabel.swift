/// A label for the lines of metrics: `name=value`.
struct MetricLabel {
  let name: String
  /// Any text without control characters.
  let value: String

  /// Labels that the daemon's own lines have.
  private static let taken: Set = [
    "command", "durability", "kind", "le", "path", "result", "version",
  ]

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
    guard let first = name.utf8.first, Self.isLetter(first), !name.hasPrefix("__"),
      name.utf8.allSatisfy({ Self.isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      !Self.taken.contains(name),
      value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else { return nil }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    default: false
    }
  }

  /// As it stands between the braces of a sample.
  var text: String {
    let escaped = value.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
    return "\(name)=\"\(String(escaped))\""
  }
}

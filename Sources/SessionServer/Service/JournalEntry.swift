/// An entry of the journal in its native protocol (systemd.io, "Native Journal Protocol"): fields, each `NAME=value` and a
/// line feed; a value with line feeds of its own stands behind its length.
struct JournalEntry {
  private(set) var bytes: [UInt8] = []

  /// More than any message has; a datagram holds far more.
  private static let valueBytesMost = 4096

  /// - Parameter name: upper-case letters, digits and underscores.
  mutating func add(_ name: String, _ value: String) {
    let value = Self.shortened(value.utf8)
    bytes += name.utf8
    if value.contains(UInt8(ascii: "\n")) {
      bytes.append(UInt8(ascii: "\n"))
      let length = UInt64(value.count)
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
      }
    } else {
      bytes.append(UInt8(ascii: "="))
    }
    bytes += value
    bytes.append(UInt8(ascii: "\n"))
  }

  /// What is not whole characters, journalctl shows as a blob.
  private static func shortened(_ value: String.UTF8View) -> Substring.UTF8View {
    var value = value.prefix(valueBytesMost + 1)
    guard value.count > valueBytesMost else { return value }
    while let last = value.popLast() {
      // Of the character that the limit cuts, also its first byte, which is no continuation.
      guard last & 0xC0 == 0x80 else { break }
    }
    return value
  }
}

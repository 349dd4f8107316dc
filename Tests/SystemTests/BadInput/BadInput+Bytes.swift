import TestSupport

extension BadInput {
  /// Bytes that are no text, and more of them than a line may have.
  static let bytes = [
    BadInput("NUL bytes", "unknown", ["\0", "\0\0\0", "PING\0", "\0PING"]),
    BadInput("binary blobs", "unknown", bytes: (1...20).map { blob(seed: $0) }),
    BadInput(
      "a line over the limit", "too-large",
      [
        "SET s1 theme \"" + String(repeating: "x", count: 1 << 20) + "\"",
        String(repeating: "x", count: (1 << 20) + 1), String(repeating: " ", count: 3 << 20),
        "PING" + String(repeating: " ", count: 1 << 20),
      ]),
  ]

  /// 4,000 bytes of anything but the LF, and nothing that begins like a command.
  private static func blob(seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    var bytes: [UInt8] = [0xfe]
    while bytes.count < 4000 {
      let byte = UInt8.random(in: 0...255, using: &random)
      if byte != 10 { bytes.append(byte) }
    }
    return bytes
  }
}

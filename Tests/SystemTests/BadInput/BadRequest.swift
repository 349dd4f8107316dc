/// A line that the daemon must refuse, and the code that it must refuse it with.
struct BadRequest: CustomStringConvertible {
  let bytes: [UInt8]
  let code: String

  init(_ bytes: [UInt8], _ code: String) {
    self.bytes = bytes
    self.code = code
  }

  /// The line as a person can read it, cut where it is long.
  var description: String {
    let shown = bytes.prefix(80).map { byte in
      (0x20...0x7e).contains(byte) ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
    }
    return shown.joined() + (bytes.count > 80 ? "… (\(bytes.count) bytes)" : "")
  }
}

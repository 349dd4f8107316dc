import SystemCalls

/// Session ids that nobody can guess.
enum SessionID {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let length = 22

  /// 128 bits of the kernel's random source (getrandom(2)) in 22 letters that are safe in a URL, a cookie and
  /// a file's name (RFC 4648, section 5).
  static func random() throws(SystemCallError) -> [UInt8] {
    var bits = UInt128(try randomWord()) << 64 | UInt128(try randomWord())
    var id: [UInt8] = []
    id.reserveCapacity(length)
    for _ in 0..<length {
      id.append(alphabet[Int(bits & 63)])
      bits >>= 6
    }
    return id
  }
}

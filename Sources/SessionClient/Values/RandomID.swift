internal import SystemCalls

/// Session ids as NEW makes them: 128 bits of the kernel's random source (getrandom(2)) in 22 characters that
/// need no escape in a URL (RFC 4648, section 5, without padding).
enum RandomID {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func make() throws(SessionError) -> String {
    do throws(SystemCallError) {
      return text(try randomWord(), try randomWord())
    } catch {
      throw .unavailable(socket: "getrandom(2)", reason: error.description)
    }
  }

  static func text(_ high: UInt64, _ low: UInt64) -> String {
    var bits = UInt128(high) << 64 | UInt128(low)
    var characters: [UInt8] = []
    // Six bits a character from the front; the last two bits stand alone.
    for _ in 0..<21 {
      characters.append(alphabet[Int(bits >> 122)])
      bits <<= 6
    }
    characters.append(alphabet[Int(bits >> 122)])
    return String(decoding: characters, as: UTF8.self)
  }
}

import Glibc
import TestSupport

/// A value that proves itself: all of its bytes follow from the numbers at its head, so that a byte of any
/// other value in it shows. From 10 bytes to 100 kB.
struct HammerValue: Equatable {
  let counter: Int64
  let writer: Int
  let session: Int
  let filler: Int

  static let fillerMost = 100_000
  /// A prime, so that the fillers of neighbouring numbers begin at places far apart.
  private static let offsets = 32_749

  /// A text that repeats itself nowhere, without a character that JSON escapes.
  private static let pattern: [UInt8] = {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var random = SplitMix64(seed: 20_261_122)
    return (0..<offsets + fillerMost).map { _ in letters[Int(random.next() & 63)] }
  }()

  private var offset: Int {
    (Int(truncatingIfNeeded: counter) * 7919 + writer * 10_007 + session * 31) % Self.offsets
  }

  /// Without quotes.
  var text: String {
    "\(counter):\(writer):\(session):\(filler):"
      + String(decoding: Self.pattern[offset..<offset + filler], as: UTF8.self)
  }

  init(counter: Int64, writer: Int, session: Int, filler: Int) {
    self.counter = counter
    self.writer = writer
    self.session = session
    self.filler = filler
  }

  /// The value that this is, without quotes; nil if no writer wrote these very bytes.
  init?(proving bytes: UnsafeRawBufferPointer) {
    var place = 0
    func number() -> Int64? {
      var number: Int64 = 0
      let start = place
      while place < bytes.count, (48...57).contains(bytes[place]), place - start < 18 {
        number = number * 10 + Int64(bytes[place] - 48)
        place += 1
      }
      guard place > start, place < bytes.count, bytes[place] == UInt8(ascii: ":") else { return nil }
      place += 1
      return number
    }
    guard let counter = number(), let writer = number(), let session = number(), let filler = number(),
      Int(filler) == bytes.count - place, filler <= Self.fillerMost
    else { return nil }
    self.init(counter: counter, writer: Int(writer), session: Int(session), filler: Int(filler))
    let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
    let isRight = Self.pattern.withUnsafeBytes { pattern in
      rest.isEmpty || memcmp(pattern.baseAddress! + offset, rest.baseAddress!, rest.count) == 0
    }
    guard isRight else { return nil }
  }
}

import Glibc

/// A value that proves itself: all of its bytes follow from the numbers at its head, so that a byte of any
/// other value in it shows. From 10 bytes to 100 kB; without a character that JSON escapes.
public struct ProvingValue: Equatable, Sendable {
  /// Which of its writer's values to the session it is.
  public let counter: Int64
  public let writer: Int
  public let session: Int
  /// So many bytes follow the head.
  public let filler: Int

  public static let fillerMost = 100_000
  /// A prime, so that the fillers of neighbouring numbers begin at places far apart.
  private static let offsets = 32_749

  /// A text that repeats itself nowhere.
  private static let pattern: [UInt8] = {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var random = SplitMix64(seed: 20_261_122)
    var pattern: [UInt8] = []
    pattern.reserveCapacity(offsets + fillerMost + 10)
    while pattern.count < offsets + fillerMost {
      let word = random.next()
      for letter in 0..<10 { pattern.append(letters[Int(word >> UInt64(6 * letter) & 63)]) }
    }
    return pattern
  }()

  public init(counter: Int64, writer: Int, session: Int, filler: Int) {
    self.counter = counter
    self.writer = writer
    self.session = session
    self.filler = filler
  }

  private var offset: Int {
    (Int(truncatingIfNeeded: counter) &* 7919 &+ writer &* 10_007 &+ session &* 31) % Self.offsets
  }

  /// The text, without quotes.
  public var bytes: [UInt8] {
    Array("\(counter):\(writer):\(session):\(filler):".utf8) + Self.pattern[offset..<offset + filler]
  }

  /// The value that this is, without quotes; nil if no writer wrote these very bytes.
  public init?(proving bytes: UnsafeRawBufferPointer) {
    var place = 0
    func number() -> Int? {
      var number = 0
      let start = place
      while place < bytes.count, (48...57).contains(bytes[place]), place - start < 18 {
        number = number * 10 + Int(bytes[place] - 48)
        place += 1
      }
      guard place > start, place < bytes.count, bytes[place] == UInt8(ascii: ":") else { return nil }
      place += 1
      return number
    }
    guard let counter = number(), let writer = number(), let session = number(), let filler = number(),
      filler == bytes.count - place, filler <= Self.fillerMost
    else { return nil }
    self.init(counter: Int64(counter), writer: writer, session: session, filler: filler)
    let isRight = Self.pattern.withUnsafeBytes { pattern in
      // Within the pattern: the offset and the length have their bounds.
      filler == 0 || memcmp(pattern.baseAddress! + offset, bytes.baseAddress! + place, filler) == 0
    }
    guard isRight else { return nil }
  }
}

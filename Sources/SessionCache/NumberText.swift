/// A key and a whole number in decimal digits behind it, without an allocation: what INCR writes.
struct NumberText {
  private static let digitsMost = 20
  private var bytes: InlineArray<276, UInt8> = InlineArray(repeating: 0)
  private var count: Int
  private let number: Int64

  init(_ number: Int64) {
    self.number = number
    count = 0
  }

  /// Puts the key and then the digits down; where they are.
  mutating func joined(with key: Span<UInt8>) -> (key: Range<Int>, value: Range<Int>) {
    count = 0
    for index in key.indices { put(key[index]) }
    let start = count
    if number < 0 { put(UInt8(ascii: "-")) }
    var divisor: UInt64 = 1
    while number.magnitude / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      put(UInt8(ascii: "0") + UInt8(number.magnitude / divisor % 10))
      divisor /= 10
    }
    return (0..<key.count, start..<count)
  }

  var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span }
  }

  private mutating func put(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }
}

import TestSupport
import Testing

@Suite("Values that prove themselves")
struct ProvingValueTests {
  @Test("are from 10 bytes to 100 kB long", arguments: [0, 1, 100, ProvingValue.fillerMost])
  func prove(filler: Int) {
    let value = ProvingValue(counter: 123, writer: 1, session: 2, filler: filler)
    #expect((10...ProvingValue.fillerMost + 20).contains(value.bytes.count))
    #expect(value.bytes.withUnsafeBytes { ProvingValue(proving: $0) } == value)
  }

  @Test("prove nothing when one byte is another, or missing, or one too many")
  func changed() {
    let bytes = ProvingValue(counter: 123, writer: 1, session: 2, filler: 100).bytes
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      #expect(changed.withUnsafeBytes { ProvingValue(proving: $0) } == nil, "byte \(place)")
    }
    #expect(bytes.dropLast().withUnsafeBytes { ProvingValue(proving: $0) } == nil)
    #expect((bytes + [65]).withUnsafeBytes { ProvingValue(proving: $0) } == nil)
    #expect([].withUnsafeBytes { ProvingValue(proving: $0) } == nil)
  }

  @Test("prove nothing when they are the head of one and the tail of another of the same length")
  func torn() {
    let one = ProvingValue(counter: 998, writer: 1, session: 2, filler: 5_000).bytes
    let other = ProvingValue(counter: 999, writer: 1, session: 2, filler: 5_000).bytes
    for cut in stride(from: 16, to: 4_990, by: 8) {
      let torn = Array(one[..<cut]) + other[cut...]
      #expect(torn.withUnsafeBytes { ProvingValue(proving: $0) } == nil, "cut at \(cut)")
    }
  }
}

import SessionSegment
import Testing

@testable import SessionCache

@Suite("The bytes of a block")
struct RecordBytesTests {
  @Test("are zeroed as far as they are asked to be, and no farther")
  func zeroing() {
    let words = 16
    for count in 0...words - 2 {
      // Unsafe memory: the test's own.
      let block = UnsafeMutableRawBufferPointer.allocate(byteCount: words * 8, alignment: 8)
      defer { block.deallocate() }
      for index in block.indices { block[index] = 0xAB }
      SharedWords.zero(block.baseAddress! + 8, bytes: count * 8)
      for index in block.indices {
        #expect(block[index] == ((8..<8 + count * 8).contains(index) ? 0 : 0xAB))
      }
    }
  }

  @Test("are those that were appended, in pieces of whatever lengths")
  func appending() {
    let text = (0..<200).map { UInt8($0) }
    for first in 0...20 {
      for second in 0...40 {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
        defer { block.deallocate() }
        var words = WordWriter(at: block.baseAddress!, checksum: RecordChecksum(version: 1))
        var start = 0
        for length in [first, second, 1, 7, 60] {
          text[start..<start + length].withUnsafeBytes { words.append($0) }
          start += length
        }
        words.finish()
        let whole = RecordLayout.wholeWords(start)
        let wanted = text[..<start] + [UInt8](repeating: 0, count: whole - start)
        #expect(block[..<whole].elementsEqual(wanted))
        var checksum = RecordChecksum(version: 1)
        for offset in stride(from: 0, to: whole, by: 8) {
          checksum.add(block.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        #expect(words.checksum.value == checksum.value)
      }
    }
  }

  @Test("of one edit alone take the place of all edits that were there")
  func onlyEdit() {
    let bytes = Array("abcdefghijklmnopqrstuvwxyz".utf8)
    var edits = FieldEdits(seed: HashSeed(first: 1, second: 2))
    for index in 0..<20 { edits.add(key: index..<index + 1, value: nil, in: bytes.span) }
    edits.set(key: 3..<5, to: 5..<6)
    #expect(edits.count == 1)
    let contained = (0..<bytes.count - 1).filter { index in
      edits.contains(bytes.span.extracting(index..<index + 2), in: bytes.span)
    }
    #expect(contained == [3])
    let held = edits.contains(bytes.span.extracting(3..<4), in: bytes.span)
    #expect(!held)
  }
}

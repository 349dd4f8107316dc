import Testing

@testable import SessionCache

@Suite struct SizeClassTests {
  @Test("the class for a size is the smallest that holds it, and wastes at most a sixteenth above 256 bytes")
  func smallestThatHolds() throws {
    var previous = 0
    for index in 0..<SizeClass.count {
      let bytes = SizeClass(index: index).blockBytes
      #expect(bytes > previous)
      #expect(bytes % 16 == 0)
      #expect(SizeClass(holding: bytes)?.index == index)
      #expect(SizeClass(holding: previous + 1)?.index == index)
      if previous >= 256 { #expect(bytes - previous <= previous / 16 + 15) }
      previous = bytes
    }
    #expect(previous == SizeClass.largest)
    #expect(SizeClass(holding: SizeClass.largest + 1) == nil)
  }

  @Test("a run leaves less than an eighth of its pages unused")
  func runsHaveLittleLeftOver() throws {
    for index in 0..<SizeClass.count {
      let sizeClass = SizeClass(index: index)
      for runs in 0..<5 {
        let bytes = sizeClass.runPages(having: runs) * 4096
        #expect(bytes / sizeClass.blockBytes >= 4)
        #expect(bytes % sizeClass.blockBytes * 8 < bytes, "class of \(sizeClass.blockBytes) bytes")
      }
    }
  }
}

import TestSupport
import Testing

@testable import SessionCache

@Suite struct PageMapTests {
  @Test("pages in a row are taken lowest first and can be taken again once they are given back")
  func takesLowestFirst() {
    var map = PageMap(pageCount: 200, first: 3)
    #expect(map.take(1) == 3)
    #expect(map.take(100) == 4)
    #expect(map.take(100) == nil)
    #expect(map.take(96) == 104)
    #expect(map.freeCount == 0)
    map.give(10..<20)
    map.give(70..<140)
    #expect(map.take(11) == 70)
    #expect(map.take(10) == 10)
    #expect(map.freeCount == 59)
  }

  @Test("random takes and gives agree with an array of flags", arguments: [UInt64.random(in: 1...UInt64.max)])
  func agreesWithFlags(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var map = PageMap(pageCount: 500, first: 7)
    var flags = [Bool](repeating: false, count: 500)
    for page in 0..<7 { flags[page] = true }
    var taken: [Range<Int>] = []
    for _ in 0..<5_000 {
      if Bool.random(using: &random) {
        let count = Int.random(in: 1...40, using: &random)
        let expected = (7...(500 - count)).first { start in !flags[start..<start + count].contains(true) }
        let start = map.take(count)
        #expect(start == expected, "seed \(seed)")
        guard let start else { continue }
        taken.append(start..<start + count)
        for page in start..<start + count { flags[page] = true }
      } else if let index = taken.indices.randomElement(using: &random) {
        let pages = taken.remove(at: index)
        map.give(pages)
        for page in pages { flags[page] = false }
      }
      #expect(map.freeCount == flags.count { !$0 })
    }
  }

  @Test("pages that come back are loose, can be taken as such, and age before they are given to the system")
  func loosePages() {
    var map = PageMap(pageCount: 200, first: 0)
    #expect(map.take(100) == 0)
    map.becomeResident(0..<100)
    #expect(map.takeLoose(1) == nil)
    map.give(20..<30)
    map.give(60..<90)
    #expect(map.looseCount == 40)
    #expect(map.takeAged(most: 64) == nil)
    map.ageLoose()
    #expect(map.takeLoose(20) == 60)
    map.give(60..<80)
    // What was taken in between is not aged any more.
    #expect(map.takeAged(most: 4) == 20..<24)
    #expect(map.takeAged(most: 64) == 24..<30)
    #expect(map.takeAged(most: 64) == 80..<90)
    #expect(map.takeAged(most: 64) == nil)
    for pages in [20..<24, 24..<30, 80..<90] { map.giveReleased(pages) }
    #expect(map.residentCount == 80)
    #expect(map.looseCount == 20)
    #expect(map.freeCount == 140)
    let taken = [20..<24, 10..<21, 190..<201].map { map.take(exactly: $0) }
    #expect(taken == [true, false, false])
  }
}

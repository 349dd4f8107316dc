import TestSupport
import Testing

@testable import SessionCache

@Suite("A list of tag pairs") struct TagPairListTests {
  @Test("holds what a sorted array holds, with pairs that are alike", arguments: [1, 2] as [UInt64])
  func model(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var list = TagPairList()
    var model: [TagPair] = []
    for step in 0..<40_000 {
      let isGrowing = step % 20_000 < 12_000
      let pair = TagPair(
        tag: UInt64.random(in: 0..<4, using: &random), session: UInt64.random(in: 0..<700, using: &random))
      if Int.random(in: 0..<10, using: &random) < (isGrowing ? 7 : 3) {
        list.insert(pair)
        model.insert(pair, at: model.partitioningIndex { $0 > pair })
      } else {
        let index = model.firstIndex(of: pair)
        let wasThere = list.remove(pair)
        #expect(wasThere == (index != nil))
        if let index { model.remove(at: index) }
      }
      guard step % 1_000 == 0 else { continue }
      #expect(list.all == model)
      #expect(list.count == model.count)
      var expected: [UInt64] = []
      for other in model where other.tag == pair.tag && other.session >= pair.session {
        if expected.last != other.session { expected.append(other.session) }
      }
      #expect(list.sessions(of: pair.tag, from: pair.session, limit: 50) == Array(expected.prefix(50)))
    }
    var wereThere = 0
    for pair in model where list.remove(pair) { wereThere += 1 }
    #expect(wereThere == model.count)
    #expect(list.chunkCount == 0)
  }

  @Test("is made of sorted pairs in one go")
  func bulk() {
    let pairs = (0..<1_000).map { TagPair(tag: UInt64($0 / 100), session: UInt64($0 % 100)) }
    #expect(TagPairList(sorted: pairs[...]).all == pairs)
    #expect(TagPairList(sorted: []).all == [])
  }
}

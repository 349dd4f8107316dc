import TestSupport
import Testing

@testable import SessionServer

@Suite("A page of the ids with a tag")
struct TaggedIDsTests {
  @Test(
    "pages through ids in the order of their bytes, whatever order and however often the store tells them")
  func pages() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<200 {
      let ids = Set(
        (0..<Int.random(in: 0...60, using: &random)).map { _ in
          (0..<Int.random(in: 1...3, using: &random)).map { _ in UInt8.random(in: 97...101, using: &random) }
        })
      let limit = Int.random(in: 1...7, using: &random)
      var told: [[UInt8]] = []
      var after: [UInt8] = []
      for _ in 0...60 {
        var page = TaggedIDs(after: after, limit: limit)
        for id in (Array(ids) + Array(ids.prefix(5))).shuffled(using: &random) { page.add(id) }
        told += page.ids
        guard page.ids.count == limit, let last = page.ids.last else { break }
        after = last
      }
      #expect(told == ids.sorted { $0.lexicographicallyPrecedes($1) })
    }
  }
}

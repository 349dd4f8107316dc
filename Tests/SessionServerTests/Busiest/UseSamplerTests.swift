import TestSupport
import Testing

@testable import SessionServer

@Suite("The sampler of uses")
struct UseSamplerTests {
  @Test("picks one of 64 on average, and one of 127 at least", arguments: 1...20 as ClosedRange<UInt64>)
  func share(seed: UInt64) {
    var sampler = UseSampler(seed: seed)
    var (picked, gap, longest) = (0, 0, 0)
    for _ in 0..<64_000 {
      gap += 1
      guard sampler.pick(of: 1) == 1 else { continue }
      picked += 1
      longest = max(longest, gap)
      gap = 0
    }
    #expect(longest <= 127, "seed \(seed)")
    // The standard deviation is 18.
    #expect((850...1150).contains(picked), "seed \(seed): \(picked)")
  }

  @Test("picks the same ones of many at a time as one by one", arguments: 1...20 as ClosedRange<UInt64>)
  func many(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var (oneByOne, byMany) = (UseSampler(seed: seed), UseSampler(seed: seed))
    for round in 0..<200 {
      let count = random.pick(1025)
      let expected = (0..<count).filter { _ in oneByOne.pick(of: 1) != nil }
      var (picked, position) = ([Int](), 0)
      while let next = byMany.pick(of: count - position) {
        position += next
        picked.append(position - 1)
      }
      #expect(picked == expected, "seed \(seed), round \(round)")
    }
  }

  @Test("meets every one of those who take turns", arguments: [2, 4, 64, 128])
  func turns(period: Int) {
    var sampler = UseSampler(seed: 7)
    var met: Set<Int> = []
    for use in 0..<period * 6400 where sampler.pick(of: 1) != nil { met.insert(use % period) }
    #expect(met.count == period)
  }
}

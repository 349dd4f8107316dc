import TestSupport
import Testing

@testable import SessionCache

extension CacheUnderTest {
  /// Sessions of all sizes, some of them changed, some ended.
  func fill(_ count: Int, seed: UInt64) throws -> [String: String] {
    var random = SplitMix64(seed: seed)
    var values: [String: String] = [:]
    for index in 0..<count {
      let id = "session \(index)"
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let length = index % 500 == 0 ? 40_000 : Int.random(in: 0...700, using: &random)
        let value = "\"\(String(repeating: "v", count: length))\""
        try set(id, [("k", value), ("n", "\(index)")])
        values[id] = value
      }
      if index % 5 == 4 {
        #expect(try remove("session \(index - 2)"))
        values["session \(index - 2)"] = nil
      }
    }
    return values
  }

  func expectToHold(_ values: [String: String]) {
    #expect(cache.sessionCount == values.count)
    for (id, value) in values { #expect(get(id, "k") == value) }
    #expect(Set(list(limit: 1_000)) == Set(values.keys))
  }
}

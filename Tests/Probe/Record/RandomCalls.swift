import Linearizability
import TestSupport

/// Makes up requests. No two writes of any client write the same value, but for INCR.
struct RandomCalls {
  private var random: SplitMix64
  private let client: String
  private var number = 0
  /// Versions that this client has seen, by session, for IF.
  private var versions: [String: UInt64] = [:]

  private static let keys = ["a", "b", "c", "n"]

  init(client: String, seed: UInt64) {
    self.client = client
    random = SplitMix64(seed: seed)
  }

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  mutating func call(on session: String) -> Call {
    let key = Self.keys[pick(3)]
    switch pick(20) {
    case 0, 1: return .set([Field(key, value())], ifVersion: nil)
    case 2: return .set([Field("a", value()), Field("b", value())], ifVersion: nil)
    case 3, 4: return .set([Field(key, value())], ifVersion: versions[session] ?? 0)
    case 5: return .set([Field("b", value()), Field("c", value())], ifVersion: versions[session] ?? 0)
    case 6, 7: return .increment("n", by: 1 + Int64(pick(3)))
    case 8: return pick(2) == 0 ? .delete : .deleteKeys([key, "n"])
    case 9: return .info
    case 10: return .exists
    case 11, 12, 13: return .getAll
    case 14: return .getMany(["c", "a"])
    default: return .get(Self.keys[pick(4)])
    }
  }

  mutating func learn(_ outcome: Outcome, about session: String) {
    switch outcome {
    case .version(let version), .conflict(let version), .info(let version, _): versions[session] = version
    case .missing: versions[session] = 0
    default: break
    }
  }

  /// Mostly short; some as long as a page.
  private mutating func value() -> String {
    number += 1
    let length = pick(8) == 0 ? pick(4_000) : pick(30)
    return "\"\(client)-\(number)-\(String(repeating: "v", count: length))\""
  }
}

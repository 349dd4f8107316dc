import Linearizability
import TestSupport

/// Makes up requests. No two writes of any client write the same value, but for INCR.
///
/// A session is begun under one id, and may be renamed to a second one and from there to a third; only the first one
/// is ever written to without a condition, so that the others are free to be renamed to, mostly.
struct RandomCalls {
  /// Which requests are made up.
  enum Choice: String {
    case all
    /// Only those that add to a number or say which version they replace, which never go by what a memory says
    /// that may be late.
    case updates
  }

  private var random: SplitMix64
  private let choice: Choice
  private let client: String
  private var number = 0
  /// Versions that this client has seen, by id, for IF.
  private var versions: [String: UInt64] = [:]

  private static let keys = ["a", "b", "c", "n"]
  /// Nanoseconds. The longest is not over before all is done.
  private static let graces: [Int64?] = [nil, nil, 5_000_000, 30_000_000, 600_000_000_000]

  init(client: String, choice: Choice, seed: UInt64) {
    self.client = client
    self.choice = choice
    random = SplitMix64(seed: seed)
  }

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  /// A request, and the id it is about.
  mutating func next(on session: String) -> (id: String, call: Call) {
    if choice == .updates { return (session, update(of: session)) }
    let second = "\(session)'"
    let third = "\(session)''"
    switch pick(10) {
    case ..<6:
      switch pick(60) {
      case 0: return (session, .revoke)
      case 1, 2: return (session, rename(to: second))
      default: return (session, anyCall(on: session))
      }
    case ..<9: return (second, callOnRenamed(second, to: third))
    default: return (third, callOnRenamed(third, to: second))
    }
  }

  private mutating func update(of session: String) -> Call {
    let key = Self.keys[pick(3)]
    switch pick(10) {
    case 0: return .set([Field(key, value())], ifVersion: nil)
    case ..<5: return .increment("n", by: 1 + Int64(pick(3)))
    case 5: return .set([Field("b", value()), Field("c", value())], ifVersion: versions[session] ?? 0)
    default: return .set([Field(key, value())], ifVersion: versions[session] ?? 0)
    }
  }

  private mutating func rename(to new: String) -> Call {
    .rename(to: new, grace: Self.graces[pick(Self.graces.count)])
  }

  private mutating func anyCall(on session: String) -> Call {
    let key = Self.keys[pick(3)]
    switch pick(20) {
    case 0, 1: return .set([Field(key, value())], ifVersion: nil)
    case 2: return .set([Field("a", value()), Field("b", value())], ifVersion: nil)
    case 3, 4: return .set([Field(key, value())], ifVersion: versions[session] ?? 0)
    case 5: return .set([Field("b", value()), Field("c", value())], ifVersion: versions[session] ?? 0)
    case 6, 7: return .increment("n", by: 1 + Int64(pick(3)))
    case 8: return pick(2) == 0 ? .delete : .deleteKeys([key, "n"])
    default: return read()
    }
  }

  /// Nothing that begins a session.
  private mutating func callOnRenamed(_ id: String, to next: String) -> Call {
    let key = Self.keys[pick(3)]
    switch pick(40) {
    case 0: return .revoke
    case 1, 2: return rename(to: next)
    case 3: return .delete
    case 4, 5: return .deleteKeys([key])
    case 6...10:
      guard let version = versions[id], version > 0 else { return .info }
      return .set([Field(key, value())], ifVersion: version)
    default: return read()
    }
  }

  private mutating func read() -> Call {
    switch pick(11) {
    case 0: .info
    case 1: .exists
    case 2, 3, 4: .getAll
    case 5: .getMany(["c", "a"])
    default: .get(Self.keys[pick(4)])
    }
  }

  mutating func learn(_ outcome: Outcome, of call: Call, on id: String) {
    switch outcome {
    case .version(let version), .info(let version, _): versions[id] = version
    // What a rename met is the version of another id.
    case .conflict(let version): if call.isChange, !call.isRename { versions[id] = version }
    case .missing: if !call.isRename { versions[id] = 0 }
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

extension Call {
  fileprivate var isRename: Bool {
    if case .rename = self { true } else { false }
  }
}

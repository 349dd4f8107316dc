/// What the renamed sessions are like, which all processes of a test must agree on.
///
/// A session has one id after the other, which end with their numbers. Every second session is renamed with a
/// grace, so that its old ids can be read, and the others without, so that each is under exactly one id.
struct StormPlan {
  let sessions: Int
  let owners: Int

  init(_ arguments: Arguments) throws {
    sessions = try arguments.number("sessions")
    owners = try arguments.number("owners")
  }

  func owner(_ session: Int) -> Int { session % owners }

  static func id(_ session: Int, _ number: Int64) -> String { "storm-\(session)-\(number)" }
  static func hasGrace(_ session: Int) -> Bool { session / 2 % 2 == 1 }

  /// How long old ids are kept in the memory of the daemon; longer than any process may be held up.
  static let timeToLive = Duration.seconds(30)
  /// So many renames in a row does the daemon follow.
  static let hopsMost: Int64 = 64
  /// Where its owner writes which session it is, and which of its ids it has then.
  static let proofKey = "proof"
  static func proof(_ session: Int, _ number: Int64) -> Int { session << 40 | Int(number) }
}

/// How far the renames are, in a file that all processes map. Each session has one writer, its owner.
struct StormLedger {
  private let words: SharedWords

  init(_ arguments: Arguments, _ plan: StormPlan) throws {
    words = try SharedWords(try arguments.text("ledger"), count: plan.sessions * 3)
  }

  /// The number of the id that a session had at this moment or later.
  func done(_ session: Int) -> Int64 { words[session * 3] }
  /// The number of the id to which a rename may have been made by now.
  func begun(_ session: Int) -> Int64 { words[session * 3 + 1] }
  func exists(_ session: Int) -> Bool { words[session * 3 + 2] != 0 }

  func setDone(_ session: Int, _ number: Int64) { words[session * 3] = number }
  func setBegun(_ session: Int, _ number: Int64) { words[session * 3 + 1] = number }
  func setExists(_ session: Int) { words[session * 3 + 2] = 1 }
}

/// A request of the randomized test against `LocalSessions`, or something that happens between two requests.
///
/// Sessions are named by labels: the ids themselves, or, where the daemon makes the id, what stands for it on both
/// sides. All else that one side alone knows is named by what was told about it before, so that any part of a row
/// of operations can be done again by itself.
enum ModelOperation {
  /// What a write is made conditional on.
  enum Condition {
    case none
    /// That there is no such session.
    case new
    /// The last version of the session that was told.
    case lastTold
    /// A version that no session has.
    case wrong
  }

  /// What stands between a write's words and its value.
  struct WriteOptions {
    var condition = Condition.none
    var ttlMilliseconds: Int?
  }

  /// What a dump that is made up says; nothing where it leaves that open.
  struct MadeUpDump {
    /// One that neither side has given.
    var version: Int?
    /// How long ago it was created, and when it is to end.
    var ageMilliseconds: Int?
    var idleMilliseconds: Int?
    var remainingMilliseconds: Int?
    var tags: [String]?
    var object: String?

    /// With times that are multiples of so many milliseconds.
    func rounded(to unit: Int) -> Self {
      func rounded(_ time: Int?) -> Int? { time.map { ($0 + unit - 1) / unit * unit } }
      var dump = self
      dump.ageMilliseconds = rounded(ageMilliseconds)
      dump.idleMilliseconds = rounded(idleMilliseconds)
      dump.remainingMilliseconds = rounded(remainingMilliseconds)
      return dump
    }
  }

  case get(String, key: String?)
  case peek(String, key: String?)
  case getMany(String, keys: [String])
  case set(String, key: String, value: String, WriteOptions)
  case setMany(String, object: String, dropping: [String], WriteOptions)
  case delete(String)
  case deleteKeys(String, [String])
  case increment(String, key: String, by: Int)
  case exists(String)
  case timeToLive(String)
  case expire(String, milliseconds: Int)
  case touch([String])
  case info(String)
  /// NEW, whose id is called by the label from then on.
  case create(label: String, object: String?, ttlMilliseconds: Int?)
  case rename(String, to: String, graceMilliseconds: Int?)
  /// RENAME without a new id.
  case renameAnew(String, label: String, graceMilliseconds: Int?)
  case revoke([String])
  case revokeAll(tag: String)
  case tag(String, [String])
  case untag(String, [String])
  /// TAGGED until the list is at its end.
  case tagged(String, limit: Int)
  case why(String)
  case dump(String)
  /// RESTORE of what DUMP last answered about the session.
  case restore(String)
  case restoreMadeUp(String, MadeUpDump)
  /// LIST until the list is at its end.
  case list(prefix: String?, limit: Int)
  case flush
  /// STATS, at a moment when everything that is over can be known to be.
  case countSessions
  case advance(milliseconds: Int)
  /// The reclaimer's work.
  case sweep

  var isRestoration: Bool {
    switch self {
    case .restore, .restoreMadeUp: true
    default: false
    }
  }

  /// The name of the case.
  var name: String { String("\(self)".prefix { $0 != "(" }) }
}

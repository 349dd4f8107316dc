import SessionCache
import SessionWire

/// What a request has to do with the store.
extension Request {
  /// Whether it may change a session; not whether it slides the time to live.
  var changesSessions: Bool {
    switch self {
    case .set, .setMany, .deleteSession, .deleteKeys, .increment, .expire, .create, .rename, .tag, .untag,
      .restore,
      .revoke, .revokeAll, .flush:
      true
    default: false
    }
  }

  /// Whether it begins with a list that the store makes, or is done in slices.
  var isListedByStore: Bool {
    switch self {
    case .list, .tagged, .revoke, .revokeAll, .flush: true
    default: false
    }
  }

  /// Whether the daemon makes the id of what it changes.
  var makesRandomID: Bool {
    switch self {
    case .create, .rename(_, to: nil, _): true
    default: false
    }
  }

  /// Whether its reply is the session's new version.
  var isAnsweredWithVersion: Bool {
    switch self {
    case .set, .setMany, .restore: true
    default: false
    }
  }

  /// The sessions that it changes, as far as its line says.
  func changedIDs(in line: [UInt8]) -> [[UInt8]] {
    switch self {
    case .set(let id, _, _, _), .setMany(let id, _), .deleteSession(let id), .deleteKeys(let id),
      .increment(let id, _, _), .expire(let id, _), .tag(let id), .untag(let id), .restore(let id, _),
      .rename(let id, to: nil, _):
      return [Array(line[id])]
    case .rename(let id, to: .some(let new), _):
      let ids = [Array(line[id]), Array(line[new])]
      return ids[0] == ids[1] ? [ids[0]] : ids
    default: return []
    }
  }
}

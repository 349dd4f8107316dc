import SessionWire

/// Which sessions a request is about.
extension Request {
  /// The one that it names; nil where it names none or several. Of RENAME the one that there is.
  var namedSession: Range<Int>? {
    switch self {
    case .get(let session, _), .peek(let session, _), .getMany(let session), .set(let session, _, _, _),
      .setMany(let session, _), .deleteSession(let session), .deleteKeys(let session),
      .increment(let session, _, _), .exists(let session), .timeToLive(let session),
      .expire(let session, _), .info(let session), .rename(let session, _, _), .tag(let session),
      .untag(let session), .why(let session), .dump(let session), .restore(let session, _):
      session
    case .hello, .ping, .help, .quit, .stats, .metrics, .flush, .touch, .create, .revoke, .revokeAll, .tagged,
      .watch, .watchAll, .unwatch, .list, .map, .reads:
      nil
    }
  }

  /// Whether the parser's words are the ids of sessions.
  var namesSessions: Bool {
    switch self {
    case .touch, .revoke, .watch: true
    default: false
    }
  }
}

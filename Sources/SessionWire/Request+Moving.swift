extension Request {
  /// The same request where its line's bytes stand `offset` bytes farther to the front.
  public func moved(by offset: Int) -> Request {
    func move(_ range: Range<Int>) -> Range<Int> { range.moved(by: offset) }
    func move(_ range: Range<Int>?) -> Range<Int>? { range?.moved(by: offset) }
    switch self {
    case .get(let session, let key): return .get(session: move(session), key: move(key))
    case .peek(let session, let key): return .peek(session: move(session), key: move(key))
    case .getMany(let session): return .getMany(session: move(session))
    case .set(let session, let key, let value, let options):
      return .set(session: move(session), key: move(key), value: move(value), options)
    case .setMany(let session, let options): return .setMany(session: move(session), options)
    case .deleteSession(let session): return .deleteSession(move(session))
    case .deleteKeys(let session): return .deleteKeys(session: move(session))
    case .increment(let session, let key, let amount):
      return .increment(session: move(session), key: move(key), by: amount)
    case .exists(let session): return .exists(move(session))
    case .timeToLive(let session): return .timeToLive(move(session))
    case .expire(let session, let ttl): return .expire(session: move(session), ttlNanoseconds: ttl)
    case .info(let session): return .info(move(session))
    case .rename(let session, let new, let grace):
      return .rename(session: move(session), to: move(new), graceNanoseconds: grace)
    case .revokeAll(let tag): return .revokeAll(tag: move(tag))
    case .tag(let session): return .tag(session: move(session))
    case .untag(let session): return .untag(session: move(session))
    case .tagged(let tag, let after, let limit):
      return .tagged(tag: move(tag), after: move(after), limit: limit)
    case .why(let session): return .why(move(session))
    case .dump(let session): return .dump(move(session))
    case .restore(let session, let given): return .restore(session: move(session), given)
    case .list(let prefix, let after, let limit):
      return .list(prefix: move(prefix), after: move(after), limit: limit)
    case .hello, .ping, .help, .quit, .stats, .metrics, .flush, .touch, .create, .revoke, .watch, .watchAll,
      .unwatch, .map, .reads:
      return self
    }
  }
}

extension RequestParser {
  /// What it knows of the line last parsed, where its bytes stand `offset` bytes farther to the front.
  public func moved(by offset: Int) -> RequestParser {
    var moved = self
    moved.words = words.map { $0.moved(by: offset) }
    moved.fields = fields.map { Field(key: $0.key.moved(by: offset), value: $0.value.moved(by: offset)) }
    return moved
  }
}

extension Range where Bound == Int {
  fileprivate func moved(by offset: Int) -> Range<Int> { lowerBound - offset..<upperBound - offset }
}

import SessionWire
import Testing

extension RequestParser {
  /// Parses a line that stands between guard bytes, which must stay as they are, and prints what was
  /// understood: names in angle brackets, decoded; options in one order; the value compacted.
  mutating func understand(
    _ line: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) -> Result<String, RequestError> {
    var guarded = GuardedBytes(line)
    let range = guarded.range
    var span = guarded.bytes.mutableSpan
    let result: Result<Request, RequestError>
    do throws(RequestError) {
      result = .success(try parse(&span, line: range))
    } catch {
      result = .failure(error)
    }
    guarded.expectIntactWalls(sourceLocation: sourceLocation)
    return result.map { print($0, guarded) }
  }

  mutating func understand(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Result<String, RequestError> {
    understand(Array(line.utf8), sourceLocation: sourceLocation)
  }

  private func print(_ request: Request, _ line: GuardedBytes) -> String {
    func name(_ range: Range<Int>?) -> String { range.map { " <\(line.text($0))>" } ?? "" }
    func names(_ ranges: [Range<Int>]) -> String { ranges.map(name).joined() }
    func options(_ options: Request.WriteOptions) -> String {
      (options.version.map { " if \($0)" } ?? "") + (options.ttlNanoseconds.map { " ttl \($0) ns" } ?? "")
    }
    return switch request {
    case .hello: "HELLO"
    case .ping: "PING"
    case .help: "HELP"
    case .quit: "QUIT"
    case .stats: "STATS"
    case .metrics: "METRICS"
    case .flush: "FLUSH"
    case .map: "MAP"
    case .reads(let hits): "READS \(hits)"
    case .get(let session, let key): "GET\(name(session))\(name(key))"
    case .peek(let session, let key): "PEEK\(name(session))\(name(key))"
    case .getMany(let session): "MGET\(name(session))\(names(words))"
    case .set(let session, let key, let value, let given):
      "SET\(name(session))\(name(key))\(options(given)) = \(line.text(value))"
    case .setMany(let session, let given):
      "MSET\(name(session))\(options(given))" + (words.isEmpty ? "" : " drop\(names(words))")
        + members(line)
    case .deleteSession(let session): "DEL\(name(session))"
    case .deleteKeys(let session): "DEL\(name(session)) keys\(names(words))"
    case .increment(let session, let key, let amount): "INCR\(name(session))\(name(key)) by \(amount)"
    case .exists(let session): "EXISTS\(name(session))"
    case .timeToLive(let session): "TTL\(name(session))"
    case .expire(let session, let nanoseconds): "EXPIRE\(name(session)) \(nanoseconds) ns"
    case .touch: "TOUCH\(names(words))"
    case .info(let session): "INFO\(name(session))"
    case .create(let ttl): "NEW" + (ttl.map { " ttl \($0) ns" } ?? "") + members(line)
    case .rename(let session, let new, let grace):
      "RENAME\(name(session))" + (new.map { " to\(name($0))" } ?? "")
        + (grace.map { " grace \($0) ns" } ?? "")
    case .revoke: "REVOKE\(names(words))"
    case .revokeAll(let tag): "REVOKEALL\(name(tag))"
    case .tag(let session): "TAG\(name(session)) tags\(names(words))"
    case .untag(let session): "UNTAG\(name(session)) tags\(names(words))"
    case .tagged(let tag, let after, let limit):
      "TAGGED\(name(tag))" + (after.map { " after\(name($0))" } ?? "") + " limit \(limit)"
    case .watch(let number): "WATCH\(names(words))" + (number.map { " since \($0)" } ?? "")
    case .watchAll(let number): "WATCH all" + (number.map { " since \($0)" } ?? "")
    case .unwatch: "UNWATCH"
    case .why(let session): "WHY\(name(session))"
    case .dump(let session): "DUMP\(name(session))"
    case .restore(let session, let given):
      "RESTORE\(name(session))\(print(given)) tags\(names(words)) data\(members(line))"
    case .list(let prefix, let after, let limit):
      "LIST" + (prefix.map { " match\(name($0))" } ?? "") + (after.map { " after\(name($0))" } ?? "")
        + " limit \(limit)"
    }
  }

  private func members(_ line: GuardedBytes) -> String {
    fields.map { " <\(line.text($0.key))> = \(line.text($0.value))" }.joined()
  }

  private func print(_ given: Request.Restoration) -> String {
    (given.version.map { " version \($0)" } ?? "") + (given.created.map { " created \($0) ns" } ?? "")
      + (given.ttlNanoseconds.map { " idle \($0) ns" } ?? "")
      + (given.expires.map { " expires \($0) ns" } ?? "")
  }
}

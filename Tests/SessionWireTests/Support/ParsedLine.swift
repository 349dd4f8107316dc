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
    case .flush: "FLUSH"
    case .map: "MAP"
    case .reads(let hits): "READS \(hits)"
    case .get(let session, let key): "GET\(name(session))\(name(key))"
    case .peek(let session, let key): "PEEK\(name(session))\(name(key))"
    case .getMany(let session): "MGET\(name(session))\(names(words))"
    case .set(let session, let key, let value, let given):
      "SET\(name(session))\(name(key))\(options(given)) = \(line.text(value))"
    case .setMany(let session, let given):
      "MSET\(name(session))\(options(given))"
        + fields.map { "\(name($0.key)) = \(line.text($0.value))" }.joined()
    case .deleteSession(let session): "DEL\(name(session))"
    case .deleteKeys(let session): "DEL\(name(session)) keys\(names(words))"
    case .increment(let session, let key, let amount): "INCR\(name(session))\(name(key)) by \(amount)"
    case .exists(let session): "EXISTS\(name(session))"
    case .timeToLive(let session): "TTL\(name(session))"
    case .expire(let session, let nanoseconds): "EXPIRE\(name(session)) \(nanoseconds) ns"
    case .touch: "TOUCH\(names(words))"
    case .info(let session): "INFO\(name(session))"
    case .list(let prefix, let after, let limit):
      "LIST" + (prefix.map { " match\(name($0))" } ?? "") + (after.map { " after\(name($0))" } ?? "")
        + " limit \(limit)"
    }
  }
}

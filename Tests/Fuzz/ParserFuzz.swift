/// The fuzzer's entry point: a stream of request lines, cut and parsed as a connection does it. Beside
/// what the address sanitizer and Swift's own checks find, it holds the parser to what it promises.
/// Compiled together with the sources of SessionWire (see `run`), not by the package manager.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestStream(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // Unsafe: the fuzzer lends `count` bytes for the length of this call; they are copied at once.
  var stream = [UInt8](UnsafeBufferPointer(start: start, count: count))
  // A limit that inputs of the fuzzer's size can pass.
  let limit = 512
  var whole = StreamCutter(limit: limit)
  whole.feed(stream)
  // The first byte says in which pieces the same stream comes a second time.
  var split = StreamCutter(limit: limit)
  let piece = Int(stream.first ?? 0) % 7 + 1
  while !stream.isEmpty {
    split.feed([UInt8](stream.prefix(piece)))
    stream.removeFirst(min(piece, stream.count))
  }
  require(whole.steps == split.steps, "lines depend on how the stream was split")

  var warm = RequestParser()
  for case .line(let line) in whole.steps {
    checkLine(line, warm: &warm)
  }
  return 0
}

/// Ends the run with a message, also in an optimized build.
func require(_ truth: Bool, _ promise: StaticString) {
  if !truth { fatalError("broken promise: \(promise)") }
}

/// Does what a connection does with its input buffer.
struct StreamCutter {
  enum Step: Equatable {
    case line([UInt8])
    case tooLong
  }

  private(set) var steps: [Step] = []
  private var reader: LineReader
  private var buffer: [UInt8] = []

  init(limit: Int) {
    reader = LineReader(limit: limit)
  }

  mutating func feed(_ bytes: [UInt8]) {
    let bytes = buffer + bytes
    var position = 0
    while true {
      switch reader.next(in: bytes.span, from: &position) {
      case .line(let range): steps.append(.line([UInt8](bytes[range])))
      case .tooLong: steps.append(.tooLong)
      case .incomplete:
        buffer = [UInt8](bytes[position...])
        require(buffer.count <= reader.limit + 1, "an unfinished line is kept beyond the limit")
        return
      }
    }
  }
}

/// What one parse came to, with the bytes that its ranges name.
struct Outcome: Equatable {
  var request: Request?
  var error: RequestError?
  var words: [Range<Int>] = []
  var fields: [RequestParser.Field] = []
  var bytes: [UInt8]
}

/// Parses a line that stands between other bytes, which must stay as they are.
func outcome(_ line: [UInt8], _ parser: inout RequestParser) -> Outcome {
  let fence = [UInt8](repeating: 0xA5, count: 16)
  var bytes = fence + line + fence
  let range = fence.count..<(fence.count + line.count)
  var result = Outcome(bytes: [])
  var span = bytes.mutableSpan
  do {
    result.request = try parser.parse(&span, line: range)
  } catch {
    result.error = error
  }
  require(
    bytes[..<range.lowerBound] == fence[...] && [UInt8](bytes[range.upperBound...]) == fence,
    "bytes outside the line were changed")
  switch result.request {
  case .getMany, .deleteKeys, .touch, .revoke, .tag, .untag, .watch: result.words = parser.words
  case .create: result.fields = parser.fields
  case .setMany, .restore:
    result.words = parser.words
    result.fields = parser.fields
  default: break
  }
  result.bytes = bytes
  for name in names(result) { checkName(bytes, name, within: range) }
  for value in values(result) { checkValue(bytes, value, within: range) }
  return result
}

func checkLine(_ line: [UInt8], warm: inout RequestParser) {
  var fresh = RequestParser()
  let result = outcome(line, &fresh)
  require(outcome(line, &warm) == result, "a parser remembers the line before")
  guard let error = result.error else { return }
  require(
    error.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && !error.text.isEmpty,
    "an error's text is no line of text")
}

/// The ranges that hold ids, keys, tags and prefixes.
func names(_ result: Outcome) -> [Range<Int>] {
  let keys = result.fields.map(\.key)
  switch result.request {
  case nil, .hello, .ping, .help, .quit, .stats, .metrics, .flush, .map, .reads, .unwatch, .watchAll:
    return []
  case .get(let session, let key), .peek(let session, let key): return [session] + (key.map { [$0] } ?? [])
  case .getMany(let session), .deleteKeys(let session): return [session] + result.words
  case .touch, .revoke, .watch: return result.words
  case .create: return keys
  case .tag(let session), .untag(let session): return [session] + result.words
  case .rename(let session, let new, _): return [session] + (new.map { [$0] } ?? [])
  case .revokeAll(let tag): return [tag]
  case .tagged(let tag, let after, _): return [tag] + (after.map { [$0] } ?? [])
  case .restore(let session, _): return [session] + result.words + keys
  case .set(let session, let key, _, _): return [session, key]
  case .setMany(let session, _): return [session] + result.words + keys
  case .increment(let session, let key, _): return [session, key]
  case .deleteSession(let session), .exists(let session), .timeToLive(let session), .info(let session),
    .expire(let session, _), .why(let session), .dump(let session):
    return [session]
  case .list(let prefix, let after, _): return [prefix, after].compactMap { $0 }
  }
}

/// The ranges that hold JSON values.
func values(_ result: Outcome) -> [Range<Int>] {
  if case .set(_, _, let value, _) = result.request { return [value] }
  return result.fields.map(\.value)
}

func checkName(_ bytes: [UInt8], _ name: Range<Int>, within line: Range<Int>) {
  require(line.lowerBound <= name.lowerBound && name.upperBound <= line.upperBound, "a name outside the line")
  require((1...Limits.nameBytes).contains(name.count), "a name of a forbidden length")
  guard let text = String(validating: bytes[name], as: UTF8.self) else {
    return require(false, "a name is not UTF-8")
  }
  require(
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
    "a control character in a name")
}

/// A value taken for JSON is taken again as it now stands, and comes out the same.
func checkValue(_ bytes: [UInt8], _ value: Range<Int>, within line: Range<Int>) {
  require(
    line.lowerBound <= value.lowerBound && value.upperBound <= line.upperBound, "a value outside the line")
  require(String(validating: bytes[value], as: UTF8.self) != nil, "a value is not UTF-8")
  require(!bytes[value].contains(UInt8(ascii: "\n")), "a value holds a line end")
  var again = [UInt8]("SET s k ".utf8) + bytes[value]
  var parser = RequestParser()
  let end = again.count
  var span = again.mutableSpan
  guard case .set(_, _, let kept, _)? = try? parser.parse(&span, line: 0..<end) else {
    return require(false, "a compact value is refused")
  }
  require(again[kept] == bytes[value], "a compact value changes when it is read again")
}

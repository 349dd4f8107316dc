internal import SessionWire

/// What the daemon would make of a value: checked by its own parser, and without the white space between
/// tokens.
struct ParsedRequest {
  let request: Request
  private let bytes: [UInt8]
  private let parser: RequestParser

  /// - Throws: what the daemon says of it.
  init(
    _ command: Command, _ json: [UInt8],
    _ build: (inout RequestWriter) throws(RequestWriter.Refusal) -> Void = { _ in }
  ) throws(SessionError) {
    var writer = RequestWriter(command)
    do throws(RequestWriter.Refusal) {
      try build(&writer)
      try writer.value(json)
    } catch {
      throw SessionError(error)
    }
    var bytes = writer.line
    var parser = RequestParser()
    do throws(RequestError) {
      request = try Self.parse(&bytes, &parser)
    } catch {
      throw SessionError(error)
    }
    self.bytes = bytes
    self.parser = parser
  }

  private static func parse(
    _ bytes: inout [UInt8], _ parser: inout RequestParser
  ) throws(RequestError) -> Request {
    let line = 0..<bytes.count - 1
    var span = bytes.mutableSpan
    return try parser.parse(&span, line: line)
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
  func json(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

  /// The tags of RESTORE, the keys that MSET removes.
  var words: [String] { parser.words.map(text) }
  /// The members of the object of MSET and NEW, or of a dump's data, in the order written.
  var fields: [(key: String, json: [UInt8])] { parser.fields.map { (text($0.key), json($0.value)) } }
}

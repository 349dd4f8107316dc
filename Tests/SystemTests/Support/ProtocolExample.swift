import Testing

/// One fenced block of Protocol.md: requests and the replies that it promises.
struct ProtocolExample: CustomTestStringConvertible {
  enum Step {
    case request(String)
    case reply(String)
    /// The daemon closes the connection.
    case closed
  }

  /// The headings that the block stands under, the last one of each level.
  let section: String
  /// The line number of the opening fence.
  let line: Int
  let steps: [Step]

  var testDescription: String { "\(section), line \(line)" }

  /// The blocks of the document, in its order; throws on a line in one that is neither request nor reply.
  static func all(in document: String) throws -> [ProtocolExample] {
    var examples: [ProtocolExample] = []
    var section = ""
    var open: (line: Int, steps: [Step])?
    for (index, line) in document.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let block = open {
        if line == "```" {
          examples.append(ProtocolExample(section: section, line: block.line, steps: block.steps))
          open = nil
        } else {
          guard let step = step(line) else { throw Failure("Protocol.md:\(index + 1): \(line)") }
          open?.steps.append(step)
        }
      } else if line == "```session" {
        open = (index + 1, [])
      } else if line.hasPrefix("#") {
        section = String(line.drop { $0 == "#" || $0 == " " })
      }
    }
    guard open == nil else { throw Failure("Protocol.md ends within a block") }
    return examples
  }

  private static func step(_ line: Substring) -> Step? {
    if line == ">" { return .request("") }
    if line == "< {closed}" { return .closed }
    if line.hasPrefix("> ") { return .request(String(line.dropFirst(2))) }
    if line.hasPrefix("< ") { return .reply(String(line.dropFirst(2))) }
    return nil
  }

  /// Sends the requests and compares the replies; throws at the first that differs.
  func execute(on connection: RawConnection) throws {
    var version = ""
    for step in steps {
      switch step {
      case .request(let text):
        try connection.send(text.replacing("{version}", with: version) + "\n")
      case .reply(let expected):
        let reply = try connection.reply()
        guard let captured = ReplyPattern(expected).match(reply) else {
          throw Failure("\(testDescription): expected \(expected), got \(reply)")
        }
        if !captured.isEmpty { version = captured }
      case .closed:
        guard try connection.isClosed() else { throw Failure("\(testDescription): not closed") }
      }
    }
  }
}

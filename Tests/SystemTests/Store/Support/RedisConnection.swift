/// Commands to a Redis server, over a Unix socket (RESP2).
final class RedisConnection {
  private let connection: RawConnection

  init(path: String) throws { connection = try RawConnection(path: path) }

  /// The reply as text: a number in digits, nil as `(nil)`, an array's elements a line each.
  ///
  /// - Throws: also for an error reply.
  @discardableResult
  func command(_ words: [String]) throws -> String {
    try send(words)
    return try reply(depth: 3)
  }

  /// Sends it and does not wait.
  func send(_ words: [String]) throws {
    let parts = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
    try connection.send("*\(words.count)\r\n" + parts.joined())
  }

  private func reply(depth: Int) throws -> String {
    let line = try connection.reply().dropLast()
    let text = String(line.dropFirst())
    switch line.first {
    case "+", ":": return text
    case "-": throw Failure("redis: \(text)")
    case "$": return try bulk(text)
    case "*":
      guard let count = Int(text), depth > 0 else { throw Failure("redis: \(line)") }
      return try (0..<max(0, count)).map { _ in try reply(depth: depth - 1) }.joined(separator: "\n")
    default: throw Failure("redis: \(line)")
    }
  }

  /// Text, in which line ends may be.
  private func bulk(_ length: String) throws -> String {
    guard let count = Int(length) else { throw Failure("redis: a length of \(length)") }
    guard count >= 0 else { return "(nil)" }
    var text = try connection.reply()
    while text.utf8.count < count + 1 { text += try "\n" + connection.reply() }
    return String(text.dropLast())
  }
}

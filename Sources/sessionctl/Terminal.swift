internal import Glibc
import SessionctlKit

/// What the program says: results to standard output, everything else to standard error.
enum Terminal {
  /// Says what is wrong, or what else a person should know. A terminal gets nothing of it that it would obey: names
  /// of sessions are part of messages.
  static func complain(_ message: String) {
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map {
      isatty(STDERR_FILENO) == 1 ? DisplayWidth.printable(String($0)) : String($0)
    }
    let text = lines.joined(separator: "\n")
    write(text.hasSuffix("\n") ? text : text + "\n", to: STDERR_FILENO)
  }

  /// Prints a result, all of it, or says why that can't be done: an id that nobody has seen is a session that nobody
  /// finds again.
  static func print(_ result: some CustomStringConvertible, end: String = "\n") throws(Failure) {
    var output = ResultStream()
    do throws(ResultStream.Failed) {
      try output.add(result.description + end)
      try output.flush()
    } catch {
      throw Failure(.refused, error.description)
    }
  }

  /// Prints a line each.
  static func print(lines: [String]) throws(Failure) {
    try print(lines.map { $0 + "\n" }.joined(), end: "")
  }

  /// A text of one line as it may be printed: a terminal gets nothing that it would obey, a program all as it is.
  static func plain(_ text: String) -> String { isWatched ? DisplayWidth.printable(text) : text }

  /// The same for JSON, which stays JSON of the same value.
  static func json(_ text: String) -> String { isWatched ? DisplayWidth.printableJSON(text) : text }

  /// Whether a person can be asked.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Whether somebody watches standard output.
  static let isWatched = isatty(STDOUT_FILENO) == 1

  /// How standard output may look.
  static let style = Style(isTerminal: isWatched) { name in getenv(name).map { String(cString: $0) } }

  /// Prints lines as standard output may look.
  static func show(_ lines: [TextLine]) throws(Failure) {
    try print(lines: lines.map { $0.text(style) })
  }

  /// Writes to standard output as it is, for a screen that is painted.
  static func paint(_ text: String) {
    write(text, to: STDOUT_FILENO)
  }

  /// Whether somebody watches standard error.
  static var canShowProgress: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes as it is to standard error, for a line that is written over.
  static func progress(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// Asks for a word on standard error, so that the answer never mixes with results.
  static func ask(_ question: String) -> String? {
    write(question + " ", to: STDERR_FILENO)
    return readLine()
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = ArraySlice(text.utf8)
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // Nobody is there to read what could not be written.
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

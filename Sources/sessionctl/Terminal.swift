internal import Glibc

/// What the program says: results to standard output, everything else to standard error.
enum Terminal {
  static func complain(_ message: String) {
    write(message.hasSuffix("\n") ? message : message + "\n", to: STDERR_FILENO)
  }

  /// Whether a person can be asked.
  static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

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

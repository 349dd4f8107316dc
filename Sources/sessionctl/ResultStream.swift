internal import Glibc
import SessionctlKit

/// Text on its way to standard output. Unlike Swift's print(_:) it says so when that can't be written: half a dump is
/// none.
struct ResultStream {
  private var buffer: [UInt8] = []

  /// Lines are gathered up to about this many bytes.
  private static let gatherBytes = 64 * 1024

  /// Standard output can't be written.
  struct Failed: Error {
    let code: Int32

    /// Whoever read the lines has enough of them.
    var isClosedPipe: Bool { code == EPIPE }

    var description: String { "Standard output can't be written: \(String(cString: strerror(code)))." }
  }

  mutating func line(_ text: String) throws(Failed) { try add(text + "\n") }

  /// Adds a text as it is.
  mutating func add(_ text: String) throws(Failed) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.gatherBytes { try flush() }
  }

  /// Lines with their colours, which go out at once: somebody looks at them.
  mutating func lines(_ lines: [TextLine]) throws(Failed) {
    for text in lines { try line(text.text(Terminal.style)) }
    try flush()
  }

  /// Writes what was gathered.
  mutating func flush() throws(Failed) {
    var rest = buffer[...]
    while !rest.isEmpty {
      // Safe: write(2) only reads the bytes that it is given, while it is called.
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var watched = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        _ = poll(&watched, 1, -1)
      } else if errno != EINTR {
        throw Failed(code: errno)
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

import CLinux
import Glibc

/// A pipe whose ends are closed on exec.
final class Pipe {
  private(set) var readEnd: Int32
  private(set) var writeEnd: Int32

  init() throws {
    // By way of a FIFO, whose ends are closed on exec from the first: another test may start a process
    // at any moment.
    (readEnd, writeEnd) = try TemporaryDirectory.with { directory in
      let path = directory.file("fifo")
      try check(mkfifo(path, 0o600), "mkfifo")
      let readEnd = try check(linux_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0), "open")
      try check(fcntl(readEnd, F_SETFL, 0), "fcntl")
      return (readEnd, try check(linux_open(path, O_WRONLY | O_CLOEXEC, 0), "open"))
    }
  }

  deinit {
    closeReadEnd()
    closeWriteEnd()
  }

  func closeReadEnd() {
    if readEnd >= 0 { close(readEnd) }
    readEnd = -1
  }

  func closeWriteEnd() {
    if writeEnd >= 0 { close(writeEnd) }
    writeEnd = -1
  }

  /// Writes until not a byte more fits.
  func fill() throws {
    let flags = try check(fcntl(writeEnd, F_GETFL), "fcntl")
    try check(fcntl(writeEnd, F_SETFL, flags | O_NONBLOCK), "fcntl")
    let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
    for size in [bytes.count, 1] {
      while write(writeEnd, bytes, size) > 0 {}
      guard errno == EAGAIN else { throw SystemCallError(call: "write", code: errno) }
    }
    // The flag is the pipe's, not the descriptor's: who inherits it would not wait either.
    try check(fcntl(writeEnd, F_SETFL, flags), "fcntl")
  }

  /// What has been written and was not read yet.
  func readWhatIsThere() throws -> String {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    var watched = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    while poll(&watched, 1, 0) == 1, watched.revents & Int16(POLLIN) != 0 {
      let count = try check(read(readEnd, &chunk, chunk.count), "read")
      if count == 0 { break }
      text += chunk[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Everything that was written, once no writer is left.
  func readToEnd() throws -> String {
    closeWriteEnd()
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = try check(read(readEnd, &chunk, chunk.count), "read")
      if count == 0 { return String(decoding: text, as: UTF8.self) }
      text += chunk[..<count]
    }
  }
}

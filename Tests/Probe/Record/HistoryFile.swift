import CLinux
import Glibc
import Linearizability

/// Where a recorder writes down what it does, each line at once and whole: what was written stays when the
/// process is killed.
final class HistoryFile: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = linux_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ProbeFailure("can't open \(path): errno \(errno)") }
  }

  deinit { close(descriptor) }

  func append(_ line: String) throws {
    var line = line
    let written = line.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
    guard written == line.utf8.count else { throw ProbeFailure("can't write: errno \(errno)") }
  }
}

import Glibc

/// A directory of a test's own, removed with what it holds (sockets and empty directories).
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/session-client-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw TestFailure("mkdtemp") }
    path = String(cString: made)
  }

  deinit {
    unlink(path + "/sessiond.sock")
    rmdir(path)
  }
}

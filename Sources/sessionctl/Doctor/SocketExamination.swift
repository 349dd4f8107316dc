internal import Glibc
import SessionctlKit

/// A look at the socket's file.
enum SocketExamination {
  static func facts(_ path: String) -> Known<SocketFacts> {
    var file = stat()
    var directory = stat()
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard stat(path, &file) == 0, stat(parent, &directory) == 0 else {
      return .unknown("\(path): \(String(cString: strerror(errno)))")
    }
    return .known(SocketFacts(path: path, mode: file.st_mode, directoryMode: directory.st_mode))
  }
}

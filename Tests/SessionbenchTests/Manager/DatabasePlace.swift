import Glibc

/// A directory of its own for a database, which goes with it.
final class DatabasePlace {
  /// Of the database file.
  let path: String
  private let directory: String

  struct Failure: Error {
    let code: Int32
  }

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/sessionbench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(code: errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = "\(directory)/sessions.db"
  }

  deinit {
    for end in ["", "-wal", "-shm"] { unlink(path + end) }
    rmdir(directory)
  }
}

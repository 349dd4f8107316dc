import CLinux
import Glibc
import SystemCalls

/// A directory of its own for a test, removed with all the files in it. Its path is short, so that a
/// socket in it fits a socket address.
struct TemporaryDirectory {
  let path: String

  static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
    var template = Array("/tmp/sessiond-unit-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    // Another test may just have set a umask to bind a socket under it.
    chmod(template, 0o700)
    let directory = TemporaryDirectory(
      path: template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    defer { directory.remove() }
    return try body(directory)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws {
    let descriptor = try Descriptor.open(file(name), O_WRONLY | O_CREAT | O_TRUNC)
    let bytes = Array(text.utf8)
    let count = try systemCall("write") { Glibc.write(descriptor.number, bytes, bytes.count) }
    guard count == bytes.count else { throw TestFailure("a short write to \(name)") }
  }

  func text(_ name: String) throws -> String {
    let descriptor = try Descriptor.open(file(name), O_RDONLY)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try systemCall("read") { read(descriptor.number, &bytes, bytes.count) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// What lstat(2) says of the kind and the permissions; nil where there is nothing.
  func status(_ name: String) -> (kind: mode_t, mode: mode_t)? {
    var status = stat()
    guard lstat(file(name), &status) == 0 else { return nil }
    return (status.st_mode & S_IFMT, status.st_mode & 0o7777)
  }

  private func remove() {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        // Removes files and empty directories; what is neither is left and seen.
        if name != ".", name != "..", unlink(file(name)) != 0 { rmdir(file(name)) }
      }
      closedir(directory)
    }
    rmdir(path)
  }
}

import CLinux
import Glibc

/// The few file operations that the tests need, without Foundation.
enum Files {
  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = try check(linux_open(path, O_RDONLY | O_CLOEXEC, 0), "open \(path)")
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = try check(Glibc.read(descriptor, &chunk, chunk.count), "read \(path)")
      if count == 0 { return content }
      content += chunk[..<count]
    }
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

  static func write(_ bytes: [UInt8], to path: String) throws {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    let descriptor = try check(linux_open(path, flags, 0o644), "open \(path)")
    defer { close(descriptor) }
    let count = try check(Glibc.write(descriptor, bytes, bytes.count), "write \(path)")
    guard count == bytes.count else { throw Failure("short write to \(path)") }
  }

  /// The names in a directory, without `.` and `..`; none if it is no directory.
  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// What `lstat(2)` says, or nil where there is nothing.
  static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  /// The permission bits, or nil where there is nothing.
  static func mode(_ path: String) -> mode_t? {
    status(path).map { $0.st_mode & 0o7777 }
  }

  static func isSocket(_ path: String) -> Bool {
    status(path).map { $0.st_mode & S_IFMT == S_IFSOCK } ?? false
  }
}

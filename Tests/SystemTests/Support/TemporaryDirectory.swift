import Glibc

/// A directory of its own for a test, removed with all that is in it.
///
/// The path is short, so that a socket in it fits the 107 bytes of a socket address.
struct TemporaryDirectory {
  let path: String

  static func with<Result>(_ body: (TemporaryDirectory) throws -> Result) throws -> Result {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    return try body(directory)
  }

  static func with<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (TemporaryDirectory) async throws -> Result
  ) async throws -> Result {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    return try await body(directory)
  }

  private init() throws {
    var template = Array("/tmp/sessiond-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError(call: "mkdtemp", code: errno) }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The directory is flat but for what a test makes in it, two levels at most.
  private func remove() {
    for entry in Files.names(in: path) {
      let inner = file(entry)
      for name in Files.names(in: inner) { unlink("\(inner)/\(name)") }
      if unlink(inner) != 0 { rmdir(inner) }
    }
    rmdir(path)
  }
}

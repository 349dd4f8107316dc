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

  private func remove() { Self.remove(path, depth: 4) }

  /// With all that is in it; a test makes few levels.
  private static func remove(_ path: String, depth: Int) {
    guard unlink(path) != 0, depth > 0 else { return }
    for entry in Files.names(in: path) { remove("\(path)/\(entry)", depth: depth - 1) }
    rmdir(path)
  }
}

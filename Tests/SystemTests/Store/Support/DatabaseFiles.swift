import Glibc
import TestSupport

/// The files of a daemon's database, which a test puts back, damages and looks at while no daemon runs.
struct DatabaseFiles {
  /// The directory that holds them, as the test sees it.
  let directory: String

  var path: String { "\(directory)/sessions.db" }

  /// What lies there, by name.
  func contents() throws -> [String: [UInt8]] {
    try Files.names(in: directory).reduce(into: [:]) { contents, name in
      contents[name] = try Files.read("\(directory)/\(name)")
    }
  }

  /// Makes it what it was.
  func restore(_ contents: [String: [UInt8]]) throws {
    for name in Files.names(in: directory) { unlink("\(directory)/\(name)") }
    for (name, bytes) in contents { try Files.write(bytes, to: "\(directory)/\(name)") }
  }

  /// Changes the database file.
  func change(_ change: (inout [UInt8]) throws -> Void) throws {
    var bytes = try Files.read(path)
    try change(&bytes)
    try Files.write(bytes, to: path)
  }
}

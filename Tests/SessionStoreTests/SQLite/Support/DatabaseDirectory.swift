import CLinux
import Glibc
import SessionStore
import StoreSupport
import SystemCalls

/// A directory for a database, removed with all that is in it, and a clock for its store.
struct DatabaseDirectory {
  let path: String
  var name = "sessions.db"
  var time = StoreClock()

  var database: String { "\(path)/\(name)" }

  static func with<Result>(_ body: (DatabaseDirectory) throws -> Result) throws -> Result {
    var template = Array("/tmp/sessiond-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    let directory = DatabaseDirectory(
      path: template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    defer { directory.remove() }
    return try body(directory)
  }

  var clock: BootClock {
    let time = time
    return BootClock(now: { time.now - 1_700_000_000_000_000_000 }, wallClock: { time.now })
  }

  /// A store on the database that does not wait for locks for long.
  func store() -> SQLiteStore { SQLiteStore(path: database, timeout: 50_000_000, clock: clock) }

  /// A store that is open and is closed after `body`.
  func withStore<Result>(_ body: (SQLiteStore) throws -> Result) throws -> Result {
    let store = store()
    _ = try store.open()
    defer { store.close() }
    return try body(store)
  }

  /// The names in it, in order.
  var names: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  /// The mode of a file, in octal digits; nil where there is none.
  func mode(_ name: String) -> String? {
    var status = stat()
    guard lstat("\(path)/\(name)", &status) == 0 else { return nil }
    return String(status.st_mode & 0o7777, radix: 8)
  }

  func size(_ name: String) -> Int {
    var status = stat()
    return lstat("\(path)/\(name)", &status) == 0 ? Int(status.st_size) : 0
  }

  func bytes(_ name: String) throws -> [UInt8] {
    let file = try Descriptor.open("\(path)/\(name)", O_RDONLY)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = try systemCall("read") { read(file.number, &buffer, buffer.count) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = try Descriptor.open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC)
    var offset = 0
    while offset < bytes.count {
      offset += try bytes[offset...].withUnsafeBytes { rest in
        try systemCall("write") { Glibc.write(file.number, rest.baseAddress!, rest.count) }
      }
    }
  }

  private func remove() {
    chmod(path, 0o700)
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

extension DatabaseDirectory {
  /// The database under another name, as it is at this moment: what a kill leaves, if nobody writes meanwhile.
  func copied() throws -> DatabaseDirectory {
    let copy = DatabaseDirectory(path: path, name: "copy.db", time: time)
    for suffix in ["", "-wal", "-lock"] where names.contains("\(name)\(suffix)") {
      try copy.write(bytes(name + suffix), to: copy.name + suffix)
    }
    return copy
  }
}

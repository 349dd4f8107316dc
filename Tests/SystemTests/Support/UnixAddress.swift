import Glibc

/// The address of a Unix socket: a path, or a name in the abstract namespace.
struct UnixAddress {
  private var address = sockaddr_un()
  private let length: socklen_t

  /// Throws when the path is over 107 bytes.
  init(path: String) throws {
    try self.init(bytes: Array(path.utf8) + [0], shown: path)
  }

  init(abstract name: String) throws {
    try self.init(bytes: [0] + Array(name.utf8), shown: "@\(name)")
  }

  private init(bytes: [UInt8], shown: String) throws {
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count <= capacity else { throw Failure("no room for the socket path \(shown)") }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
  }

  func withSocketAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
  ) rethrows -> Result {
    try withUnsafePointer(to: address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, length) }
    }
  }
}

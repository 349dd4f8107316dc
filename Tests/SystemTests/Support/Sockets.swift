import Glibc

/// Raw Unix sockets; every descriptor is closed on exec, so that none leaks into a child.
enum Sockets {
  private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

  static func stream() throws -> Int32 {
    try check(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0), "socket")
  }

  static func datagram() throws -> Int32 {
    try check(socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | closeOnExec, 0), "socket")
  }

  static func bind(_ descriptor: Int32, to address: UnixAddress) throws {
    _ = try check(address.withSocketAddress { Glibc.bind(descriptor, $0, $1) }, "bind")
  }

  /// A listening stream socket at the path.
  static func listener(_ path: String) throws -> Int32 {
    let descriptor = try stream()
    try bind(descriptor, to: UnixAddress(path: path))
    try check(listen(descriptor, 128), "listen")
    return descriptor
  }

  static func connect(_ descriptor: Int32, to address: UnixAddress) throws {
    _ = try check(address.withSocketAddress { Glibc.connect(descriptor, $0, $1) }, "connect")
  }

  /// Bounds every blocking receive and send on the descriptor.
  static func setTimeout(_ descriptor: Int32, seconds: Int) throws {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    try check(setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size), "setsockopt")
    try check(setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size), "setsockopt")
  }
}

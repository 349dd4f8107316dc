public import Glibc

/// The address of a Unix socket in the file system (unix(7)).
public struct UnixAddress: Sendable {
  /// What fits sun_path with its closing NUL.
  public static let pathBytesMost = 107

  public let path: String

  /// nil for a path that is empty, too long, or holds a NUL.
  public init?(path: String) {
    guard !path.isEmpty, path.utf8.count <= Self.pathBytesMost, !path.utf8.contains(0) else { return nil }
    self.path = path
  }

  /// Calls `body` with the address as bind(2) and connect(2) want it.
  public func withSocketAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

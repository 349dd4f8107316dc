import Glibc

/// A Unix datagram socket that somebody else reads: systemd's for notifications, the journal's for its entries. Nothing
/// sent there makes the sender wait for longer than it says, whether the other one is slow, stopped or gone.
public struct DatagramTarget: Sendable {
  /// In the file system, or behind `@` in the abstract namespace (unix(7)).
  private let path: String

  /// nil for what is no address of a Unix socket.
  public init?(path: String) {
    guard let first = path.first, first == "/" || first == "@", path.utf8.count > 1,
      path.utf8.count <= UnixAddress.pathBytesMost
    else { return nil }
    self.path = path
  }

  /// Sends one datagram.
  ///
  /// - Parameter milliseconds: how long to wait where the receiver's queue is full; after that the datagram is lost.
  /// - Returns: whether it was taken.
  @discardableResult
  public func send(_ bytes: [UInt8], waiting milliseconds: Int32 = 0) -> Bool {
    let number = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard number >= 0 else { return false }
    let descriptor = Descriptor(owning: number)
    // Connected, since only then poll(2) tells of room in the other's queue.
    guard connect(descriptor.number) else { return false }
    // Others may take the room that there was: the time is for all attempts together.
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while true {
      if Glibc.send(descriptor.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) >= 0 { return true }
      guard errno == EAGAIN || errno == EINTR else { return false }
      let left = (end - .now) / .milliseconds(1)
      guard left > 0 else { return false }
      var watched = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
      _ = poll(&watched, 1, Int32(left.rounded(.up)))
    }
  }

  private func connect(_ number: Int32) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    // An abstract name is as long as it says; one in the file system ends with a NUL.
    let length = MemoryLayout<sa_family_t>.size + name.count + (name[0] == 0 ? 0 : 1)
    return withUnsafePointer(to: &address) { pointer in
      // Safe: connect(2) reads a sockaddr_un where the family says so, and no more of it than the length.
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(number, $0, socklen_t(length)) == 0
      }
    }
  }
}

internal import Glibc

/// One connected, non-blocking Unix stream socket (unix(7)). The only place of the client that sends
/// and receives.
final class SocketConnection: Sendable {
  /// sockaddr_un has room for 108 bytes, of which the last is the terminating zero.
  static let pathBytesMax = 107

  private let descriptor: Descriptor

  private init(_ descriptor: Descriptor) {
    self.descriptor = descriptor
  }

  /// The number to give to poll(2).
  var number: Int32 { descriptor.number }

  /// Connects at once or fails: on a Unix socket there is nothing to wait for, and a daemon whose
  /// queue of new connections is full answers EAGAIN, which is tried again later like any failure.
  static func open(path: String) throws(SystemFailure) -> SocketConnection {
    let utf8 = Array(path.utf8)
    guard utf8.count <= pathBytesMax, !utf8.contains(0) else {
      throw SystemFailure(call: "connect", code: ENAMETOOLONG)
    }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = socket(AF_UNIX, type, 0)
    guard number >= 0 else { throw .last("socket") }
    let descriptor = Descriptor(owning: number)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: utf8) }
    let result = retryingOnInterrupt {
      // sockaddr_un begins with the fields of sockaddr: connect(2) takes every family so.
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
    guard result == 0 else { throw .last("connect") }
    return SocketConnection(descriptor)
  }

  /// Hands as many of the bytes to the kernel as it takes now.
  ///
  /// 0 also stands for a broken connection: what the daemon sent before it closed is still to be read,
  /// so that the receiving side alone decides when a connection is over.
  func send(_ bytes: ArraySlice<UInt8>) -> Int {
    let count = bytes.withUnsafeBytes { buffer in
      retryingOnInterrupt {
        Glibc.send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
    }
    return max(0, count)
  }

  enum Received {
    case bytes(Int)
    case nothingYet
    case ended
  }

  /// Receives what is there, up to the size of the buffer.
  func receive(into buffer: inout [UInt8]) -> Received {
    let count = buffer.withUnsafeMutableBytes { room in
      retryingOnInterrupt { recv(number, room.baseAddress, room.count, Int32(MSG_DONTWAIT)) }
    }
    if count > 0 { return .bytes(count) }
    if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return .nothingYet }
    return .ended
  }
}

/// Makes a call again for as long as a signal interrupts it: the one such loop of the client.
func retryingOnInterrupt<Number: BinaryInteger>(_ call: () -> Number) -> Number {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

import CLinux
import Glibc
import SystemCalls

/// A client's end of a stream socket. Waiting is bounded: nothing that a test waits for takes so long.
final class TestClient {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) throws {
    self.descriptor = descriptor
    var bound = timeval(tv_sec: 20, tv_usec: 0)
    let number = self.descriptor.number
    _ = try systemCall("setsockopt") {
      setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  /// A client and the non-blocking socket of the one whom it talks to.
  static func pair() throws -> (client: TestClient, server: Int32) {
    var ends: [Int32] = [0, 0]
    _ = try systemCall("socketpair") {
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    // The same on every machine, and little, so that long replies have to wait.
    var sendBytes: Int32 = 64 * 1024
    _ = try systemCall("setsockopt") {
      setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &sendBytes, socklen_t(MemoryLayout<Int32>.size))
    }
    let flags = try systemCall("fcntl") { fcntl(ends[1], F_GETFL) }
    _ = try systemCall("fcntl") { fcntl(ends[1], F_SETFL, flags | O_NONBLOCK) }
    return (try TestClient(Descriptor(owning: ends[0])), ends[1])
  }

  /// A client that is connected to a listening socket.
  convenience init(path: String) throws {
    guard let address = UnixAddress(path: path) else { throw TestFailure("no socket's path: \(path)") }
    let descriptor = Descriptor(
      owning: try systemCall("socket") {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
    let number = descriptor.number
    _ = try systemCall("connect") { address.withSocketAddress { connect(number, $0, $1) } }
    try self.init(descriptor)
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    let count = try systemCall("send") {
      Glibc.send(descriptor.number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
    guard count == bytes.count else { throw TestFailure("a short send") }
  }

  /// So many lines of replies, with their line ends.
  func receive(lines wanted: Int) throws -> String {
    var bytes: [UInt8] = []
    var lines = 0
    while lines < wanted {
      let part = try receive()
      guard !part.isEmpty else { throw TestFailure("the connection ended after \(lines) lines of \(wanted)") }
      lines += part.count { $0 == UInt8(ascii: "\n") }
      bytes += part
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// So many lines of replies, and the descriptors that came with them, in order, as a client gets them that
  /// asks for them: each with the byte that it was sent with, or before that.
  func receiveWithDescriptors(lines wanted: Int, bytesMost: Int = 65536) throws -> Received {
    var received = Received()
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: bytesMost)
    while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < wanted {
      var number: Int32 = -1
      let count = try systemCall("recvmsg") {
        linux_receive_descriptor(descriptor.number, &buffer, buffer.count, &number)
      }
      guard count > 0 else { throw TestFailure("the connection ended after \(bytes.count) bytes") }
      bytes += buffer[..<count]
      if number >= 0 {
        received.descriptors.append(SharedDescriptor(Descriptor(owning: number)))
        received.places.append(bytes.count)
      }
    }
    received.text = String(decoding: bytes, as: UTF8.self)
    return received
  }

  struct Received {
    var text = ""
    var descriptors: [SharedDescriptor] = []
    /// For each descriptor how many bytes had come when it came.
    var places: [Int] = []
  }

  /// All that comes until the other side closes, or drops the connection with requests unread.
  func receiveAll() throws -> String {
    var bytes: [UInt8] = []
    while true {
      let part: ArraySlice<UInt8>
      do {
        part = try receive()
      } catch let error as SystemCallError where error.code == ECONNRESET {
        part = []
      }
      guard !part.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part
    }
  }

  func ask(_ request: String) throws -> String {
    try send("\(request)\n")
    return String(try receive(lines: 1).dropLast())
  }

  func endSending() throws {
    _ = try systemCall("shutdown") { shutdown(descriptor.number, Int32(SHUT_WR)) }
  }

  private func receive() throws -> ArraySlice<UInt8> {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = try systemCall("recv") { recv(descriptor.number, &buffer, buffer.count, 0) }
    return buffer[..<count]
  }
}

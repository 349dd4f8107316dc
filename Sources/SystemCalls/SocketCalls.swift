import CLinux
import Glibc

/// The calls that a server makes on its sockets, as values, so that tests can let each of them fail.
/// They answer like the system calls: -1 with errno set when they fail.
public struct SocketCalls: Sendable {
  /// accept4(2); the new socket is non-blocking and closes on exec.
  public var accept: @Sendable (_ listener: Int32) -> Int32
  /// recv(2). No control data is ever asked for, so descriptors that a peer sends are closed by the
  /// kernel.
  public var receive: @Sendable (_ socket: Int32, _ into: UnsafeMutableRawBufferPointer) -> Int
  /// send(2) without SIGPIPE.
  public var send: @Sendable (_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
  /// sendmsg(2) without SIGPIPE: with the first of the bytes goes a copy of a descriptor (SCM_RIGHTS).
  public var sendDescriptor:
    @Sendable (_ socket: Int32, _ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int

  public init(
    accept: @escaping @Sendable (Int32) -> Int32,
    receive: @escaping @Sendable (Int32, UnsafeMutableRawBufferPointer) -> Int,
    send: @escaping @Sendable (Int32, UnsafeRawBufferPointer) -> Int,
    sendDescriptor: @escaping @Sendable (Int32, UnsafeRawBufferPointer, Int32) -> Int
  ) {
    self.accept = accept
    self.receive = receive
    self.send = send
    self.sendDescriptor = sendDescriptor
  }

  public static let system = SocketCalls(
    accept: { linux_accept($0) },
    receive: { linux_receive($0, $1.baseAddress, $1.count) },
    send: { linux_send($0, $1.baseAddress, $1.count) },
    sendDescriptor: { linux_send_descriptor($0, $1.baseAddress, $1.count, $2) })
}

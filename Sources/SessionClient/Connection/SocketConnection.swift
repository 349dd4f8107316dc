internal import Glibc
internal import SystemCalls

/// One connection to the daemon (unix(7)): the callers send on it, the client's thread receives. It is
/// closed when its last holder lets go of it. The only place of the client that sends and receives.
final class SocketConnection: Sendable {
  private let socket: StreamSocket
  private let openDescriptors: OpenDescriptors

  /// Connects at once or fails: on a Unix socket there is nothing to wait for, and a daemon whose
  /// queue of new connections is full answers EAGAIN, which is tried again later like any failure.
  init(to address: UnixAddress, in openDescriptors: OpenDescriptors) throws(SystemCallError) {
    let descriptor = try Descriptor.unixStream()
    _ = try systemCall("connect") { address.withSocketAddress { connect(descriptor.number, $0, $1) } }
    socket = StreamSocket(descriptor, calls: .system)
    self.openDescriptors = openDescriptors
    openDescriptors.add(socket.number)
  }

  deinit {
    openDescriptors.remove(socket.number)
  }

  /// The number to give to poll(2).
  var number: Int32 { socket.number }

  /// The user that the other side runs as, or that made its socket; nothing if the kernel does not say.
  var daemon: UInt32? {
    do throws(SystemCallError) {
      return try socket.peer().uid
    } catch {
      return nil
    }
  }

  /// Hands as many of the bytes from an offset on to the kernel as it takes now.
  ///
  /// 0 also stands for a broken connection: what the daemon sent before it closed is still to be read,
  /// so that the receiving side alone decides when a connection is over.
  func send(_ bytes: [UInt8], from offset: Int) -> Int {
    do throws(SystemCallError) {
      return try socket.send(bytes, from: offset) ?? 0
    } catch {
      return 0
    }
  }

  enum Received {
    case bytes(Int)
    case nothingYet
    case ended
  }

  /// Receives what is there, up to the size of the buffer. A connection that breaks has ended. Descriptors
  /// that come along are closed by the kernel.
  func receive(into buffer: inout [UInt8]) -> Received {
    Self.received { () throws(SystemCallError) in try socket.receive(into: &buffer) }
  }

  /// Receives likewise, and a descriptor that comes along: the latest counts.
  func receive(into buffer: inout [UInt8], _ descriptor: inout Descriptor?) -> Received {
    Self.received { () throws(SystemCallError) in try socket.receive(into: &buffer, &descriptor) }
  }

  private static func received(_ receive: () throws(SystemCallError) -> Int?) -> Received {
    do throws(SystemCallError) {
      guard let count = try receive() else { return .nothingYet }
      return count > 0 ? .bytes(count) : .ended
    } catch {
      return .ended
    }
  }
}

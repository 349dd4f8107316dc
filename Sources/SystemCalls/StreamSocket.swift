import CLinux
import Glibc

/// A connected, non-blocking stream socket that closes itself.
public struct StreamSocket: ~Copyable, Sendable {
  private let descriptor: Descriptor
  private let calls: SocketCalls

  public init(_ descriptor: consuming Descriptor, calls: SocketCalls) {
    self.descriptor = descriptor
    self.calls = calls
  }

  public var number: Int32 { descriptor.number }

  /// Gives the descriptor away: whoever gets it closes it.
  public consuming func release() -> Int32 { descriptor.release() }

  /// Receives at most as many bytes as the array has, to its beginning.
  ///
  /// - Returns: how many came; 0 when the peer has closed its side; nil when there is nothing now.
  public func receive(into buffer: inout [UInt8]) throws(SystemCallError) -> Int? {
    try systemCallIfReady("recv") { buffer.withUnsafeMutableBytes { calls.receive(descriptor.number, $0) } }
  }

  /// Sends the bytes from an offset on, as many as go now.
  ///
  /// - Returns: how many went; nil when none can now.
  public func send(_ bytes: [UInt8], from offset: Int) throws(SystemCallError) -> Int? {
    try send(bytes, offset..<bytes.count)
  }

  /// Sends the bytes of a range, as many as go now.
  ///
  /// - Parameter descriptor: a copy of it goes with the first of the bytes (SCM_RIGHTS, unix(7)): whoever
  ///   receives that byte by recvmsg(2) gets it. It has gone if any byte has.
  /// - Returns: how many went; nil when none can now.
  public func send(
    _ bytes: [UInt8], _ range: Range<Int>, with descriptor: Int32? = nil
  ) throws(SystemCallError) -> Int? {
    try systemCallIfReady(descriptor == nil ? "send" : "sendmsg") {
      bytes.withUnsafeBytes {
        let piece = UnsafeRawBufferPointer(rebasing: $0[range])
        guard let descriptor else { return calls.send(self.descriptor.number, piece) }
        return calls.sendDescriptor(self.descriptor.number, piece, descriptor)
      }
    }
  }

  /// Receives likewise, and a descriptor that comes along (SCM_RIGHTS, unix(7)). Another one that is
  /// in its place already is closed.
  public func receive(
    into buffer: inout [UInt8], _ received: inout Descriptor?
  ) throws(SystemCallError) -> Int? {
    var number: Int32 = -1
    let count = try systemCallIfReady("recvmsg") {
      buffer.withUnsafeMutableBytes {
        linux_receive_descriptor(descriptor.number, $0.baseAddress, $0.count, &number)
      }
    }
    if number >= 0 { received = Descriptor(owning: number) }
    return count
  }

  /// Makes the peer's sending of descriptors fail where the kernel knows how (Linux 6.16), so that
  /// none wait in the queue. Elsewhere they are closed when the bytes beside them are received.
  public func refuseDescriptors() {
    _ = linux_refuse_descriptors(descriptor.number)
  }

  /// Who the peer was when it connected (SO_PEERCRED, unix(7)); it stays so whatever becomes of the
  /// process, and whoever it hands the socket to.
  public func peer() throws(SystemCallError) -> PeerCredentials {
    try PeerCredentials.of(descriptor.number)
  }
}

import Glibc
import SystemCalls

/// The service manager's end of sd_notify(3): a datagram socket.
struct NotifyInbox: ~Copyable {
  private let descriptor: Descriptor

  init(path: String) throws {
    guard let address = UnixAddress(path: path) else { throw TestFailure("no socket's path: \(path)") }
    let descriptor = Descriptor(
      owning: try systemCall("socket") {
        socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
    let number = descriptor.number
    _ = try systemCall("bind") { address.withSocketAddress { Glibc.bind(number, $0, $1) } }
    self.descriptor = descriptor
  }

  /// The next message; it has arrived already, since a datagram is there when send(2) returns.
  func next() throws -> String {
    guard let message = try received() else { throw TestFailure("nothing was notified") }
    return message
  }

  /// All messages that have come and were not taken yet.
  func all() throws -> [String] {
    var messages: [String] = []
    while let message = try received() { messages.append(message) }
    return messages
  }

  private func received() throws -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    do throws(SystemCallError) {
      let count = try systemCall("recv") {
        recv(descriptor.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      }
      return String(decoding: buffer[..<count], as: UTF8.self)
    } catch {
      if error.code == EAGAIN { return nil }
      throw error
    }
  }
}

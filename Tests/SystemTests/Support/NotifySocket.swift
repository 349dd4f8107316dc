import Glibc

/// The service manager's end of the notification protocol (sd_notify(3)): what a daemon sends to
/// `NOTIFY_SOCKET` is kept here.
final class NotifySocket {
  private let descriptor: Int32
  private(set) var messages: [String] = []

  init(_ address: UnixAddress) throws {
    descriptor = try Sockets.datagram()
    try Sockets.bind(descriptor, to: address)
  }

  deinit { close(descriptor) }

  /// Every assignment received so far, in order.
  var assignments: [String] {
    messages.flatMap { $0.split(separator: "\n").map(String.init) }
  }

  /// Waits for the next message that holds the assignment, or any that begins with it.
  @discardableResult
  func waitFor(_ prefix: String, after skipped: Int = 0) throws -> String {
    var found: String?
    try eventually("the daemon notifies \(prefix); it said \(assignments)") {
      receiveAll()
      found = assignments.dropFirst(skipped).first { $0.hasPrefix(prefix) }
      return found != nil
    }
    return found!
  }

  func receiveAll() {
    var buffer = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count <= 0 { return }
      messages.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }
}

import CLinux
import Glibc

/// A connection that knows nothing but bytes and lines: what `socat` would send and see.
///
/// Every wait is bounded; a bound that passes throws.
final class RawConnection {
  private(set) var descriptor: Int32
  private var received: [UInt8] = []
  private var firstUnread = 0
  /// Whether descriptors that come are taken; if not, they are received as `recv(2)` does: not at all.
  var takesDescriptors = false
  /// Those that have come and that nobody has taken yet, in order.
  private(set) var descriptors: [ReceivedDescriptor] = []
  private var chunk = [UInt8](repeating: 0, count: 256 * 1024)

  init(path: String, timeoutSeconds: Int = 20) throws {
    descriptor = try Sockets.stream()
    // From here on deinit closes it, also when this throws.
    try Sockets.setTimeout(descriptor, seconds: timeoutSeconds)
    try Sockets.connect(descriptor, to: UnixAddress(path: path))
  }

  deinit { close() }

  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  // MARK: Sending

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      sent += try bytes.withUnsafeBytes { buffer in
        try check(
          Glibc.send(descriptor, buffer.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)),
          "send")
      }
    }
  }

  /// Sends what the socket takes without waiting and returns how many bytes that were.
  func sendWithoutWaiting(_ bytes: ArraySlice<UInt8>) throws -> Int {
    let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
    let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
    if count < 0 && errno == EAGAIN { return 0 }
    return try check(count, "send")
  }

  /// Shuts the sending side; replies can still be read.
  func finishSending() throws { try check(shutdown(descriptor, Int32(SHUT_WR)), "shutdown") }

  /// How many bytes of those that were sent the daemon has not read yet.
  var unreadBytes: Int {
    get throws {
      var count: Int32 = 0
      try check(ioctl(descriptor, UInt(TIOCOUTQ), &count), "ioctl")
      return Int(count)
    }
  }

  // MARK: Receiving

  /// Waits until there is something to read, and does not read it.
  func waitForReply() throws {
    var interest = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard try check(poll(&interest, 1, 20_000), "poll") > 0 else { throw Failure("nothing came") }
  }

  /// The next line without its LF, or nil at the end of the stream.
  func readLine() throws -> String? {
    var searched = 0
    while true {
      if let end = lineEnd(after: searched) {
        let line = String(decoding: received[firstUnread..<end], as: UTF8.self)
        firstUnread = end + 1
        return line
      }
      searched = received.count - firstUnread
      if try receive() == 0 {
        guard received.count == firstUnread else { throw Failure("the stream ended within a line") }
        return nil
      }
    }
  }

  /// The next line; the end of the stream is an error.
  func reply() throws -> String {
    guard let line = try readLine() else { throw Failure("the daemon closed the connection") }
    return line
  }

  func request(_ line: String) throws -> String {
    try send(line + "\n")
    return try reply()
  }

  /// Asks to map the segment: the reply, and the descriptor that came with it.
  func map() throws -> (reply: String, descriptor: ReceivedDescriptor) {
    takesDescriptors = true
    let reply = try request("MAP")
    guard !descriptors.isEmpty else { throw Failure("no descriptor came with \(reply)") }
    return (reply, descriptors.removeFirst())
  }

  /// Closes the descriptors that have come.
  func dropDescriptors() { descriptors = [] }

  /// Whether a PING is answered; if not, it was `ERR limit` and the end.
  func readsPong() throws -> Bool {
    // Who is turned away at once may not be able to send any more.
    do { try send("PING\n") } catch let error as SystemCallError where error.code == EPIPE {}
    switch try readLine() {
    case #"OK "pong""#: return true
    case .some(let line) where line.errorCode == "limit": return try !isClosed()
    case let line: throw Failure("\(line ?? "the end") instead of a pong")
    }
  }

  /// Every line up to the end of the stream.
  func readToEnd() throws -> [String] {
    var lines: [String] = []
    while let line = try readLine() { lines.append(line) }
    return lines
  }

  /// Whether the daemon closes the connection, in whichever way, without sending another line.
  func isClosed() throws -> Bool {
    do {
      return try readLine() == nil
    } catch let error as SystemCallError where error.code == ECONNRESET {
      return true
    }
  }

  /// Sends and receives at the same time, as a client does that pipelines more than the buffers hold.
  ///
  /// - Parameter skippingEvents: whether EVENT lines may come between the replies.
  func exchange(_ bytes: [UInt8], replies count: Int, skippingEvents: Bool = false) throws -> [String] {
    var sent = 0
    var lines: [String] = []
    lines.reserveCapacity(count)
    while sent < bytes.count || lines.count < count {
      var interest = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if sent < bytes.count { interest.events |= Int16(POLLOUT) }
      guard try check(poll(&interest, 1, 20_000), "poll") > 0 else {
        throw Failure("\(lines.count) of \(count) replies came")
      }
      if interest.revents & Int16(POLLOUT) != 0 { sent += try sendWithoutWaiting(bytes[sent...]) }
      if interest.revents & Int16(POLLIN | POLLHUP) != 0 {
        guard try receive() > 0 else { throw Failure("closed after \(lines.count) of \(count) replies") }
      }
      while lineEnd(after: 0) != nil {
        let line = try reply()
        if !skippingEvents || !line.hasPrefix("EVENT ") { lines.append(line) }
      }
    }
    return lines
  }

  private func lineEnd(after searched: Int) -> Int? {
    received.withUnsafeBytes { buffer in
      let start = firstUnread + searched
      guard start < buffer.count, let base = buffer.baseAddress,
        let found = memchr(base + start, 10, buffer.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Receives once; 0 is the end of the stream.
  private func receive() throws -> Int {
    if firstUnread == received.count {
      received.removeAll(keepingCapacity: true)
      firstUnread = 0
    }
    var passed: Int32 = -1
    let count =
      takesDescriptors
      ? try check(linux_receive_descriptor(descriptor, &chunk, chunk.count, &passed), "recvmsg")
      : try check(recv(descriptor, &chunk, chunk.count, 0), "recv")
    received += chunk[..<count]
    if passed >= 0 { descriptors.append(ReceivedDescriptor(passed)) }
    return count
  }
}

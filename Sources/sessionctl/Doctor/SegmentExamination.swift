internal import Glibc
import SessionctlKit
internal import SystemCalls

/// A look at the file system of the segment, by way of the descriptor that MAP hands out: so it is the right file,
/// also where the daemon sees other file systems than this program.
enum SegmentExamination {
  static func facts(_ path: String, timeout: Duration) -> Known<SegmentFacts> {
    do {
      let descriptor = try map(path, until: .now + timeout)
      var file = stat()
      var system = statvfs()
      _ = try systemCall("fstat") { fstat(descriptor.number, &file) }
      _ = try systemCall("fstatvfs") { fstatvfs(descriptor.number, &system) }
      let free = system.f_bavail.multipliedReportingOverflow(by: system.f_frsize)
      return try .known(
        SegmentFacts(
          // stat(2) counts in units of 512 bytes, whatever the file system's are.
          fileSystem: FileSystemType(of: descriptor), bytesTaken: file.st_blocks * 512,
          bytesFree: free.overflow ? .max / 2 : Int(clamping: min(free.partialValue, UInt(Int.max / 2)))))
    } catch {
      return .unknown("\(error)")
    }
  }

  private struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  /// A reply to MAP is far shorter.
  private static let replyBytesMax = 4096

  /// Asks for the segment on a connection of its own.
  private static func map(_ path: String, until end: ContinuousClock.Instant) throws -> Descriptor {
    guard let address = UnixAddress(path: path) else { throw Refused(description: "\(path) is no socket") }
    let descriptor = try Descriptor.unixStream()
    _ = try systemCall("connect") { address.withSocketAddress { connect(descriptor.number, $0, $1) } }
    let socket = StreamSocket(descriptor, calls: .system)
    let request = Array("MAP\n".utf8)
    // So few bytes always fit into the buffer of a new socket.
    guard try socket.send(request, from: 0) == request.count else {
      throw Refused(description: "the daemon takes no request")
    }
    var received: Descriptor?
    var reply: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: replyBytesMax)
    while !reply.contains(UInt8(ascii: "\n")), reply.count < replyBytesMax {
      let left = (end - .now) / .milliseconds(1)
      var watched = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&watched, 1, Int32(min(left.rounded(.up), 1e6))) > 0 else {
        throw Refused(description: "the daemon did not answer MAP in time")
      }
      guard let count = try socket.receive(into: &buffer, &received) else { continue }
      guard count > 0 else { break }
      reply += buffer[..<count]
    }
    guard let segment = received.take() else {
      let line = String(decoding: reply.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      throw Refused(description: "the daemon does not hand it out: \(line)")
    }
    return segment
  }
}

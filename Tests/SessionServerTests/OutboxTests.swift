import Glibc
import Logging
import Synchronization
import SystemCalls
import Testing

@testable import SessionServer

@Suite("An outbox")
struct OutboxTests {
  /// A socket of which the test says what each call does, and that notes the calls.
  private final class ScriptedSocket: @unchecked Sendable {
    enum Step {
      case all
      case atMost(Int)
      case error(Int32)
    }

    // Safe to share: each test is one thread.
    var steps: [Step] = []
    var calls: [String] = []
    var received = ""
    /// Where in `received` a descriptor came.
    var descriptorPlaces: [Int] = []

    func stream() throws -> StreamSocket {
      // No call reaches it.
      StreamSocket(
        try Descriptor.open("/dev/null", O_RDONLY),
        calls: SocketCalls(
          accept: { _ in -1 }, receive: { _, _ in -1 }, send: { self.take($1, nil) },
          sendDescriptor: { self.take($1, $2) }))
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32?) -> Int {
      calls.append((descriptor == nil ? "send " : "sendmsg ") + "\(bytes.count)")
      let count: Int
      switch steps.isEmpty ? .all : steps.removeFirst() {
      case .all: count = bytes.count
      case .atMost(let most): count = min(most, bytes.count)
      case .error(let code):
        errno = code
        return -1
      }
      if descriptor != nil { descriptorPlaces.append(received.utf8.count) }
      received += String(decoding: bytes[..<count], as: UTF8.self)
      return count
    }
  }

  private let socket = ScriptedSocket()
  private let statistics = ReactorStatistics()
  private let log = RecordedLog()

  private func handout() throws -> SegmentHandout {
    SegmentHandout(
      try makeCache(), statistics: statistics,
      log: RateLimitedLog(log.logger, level: .warning, clock: .system))
  }

  private func batch(_ lines: [String]) -> ReplyBatch {
    var batch = ReplyBatch()
    for line in lines {
      if line.hasPrefix("M") { batch.attachDescriptor() }
      batch.bytes += Array("\(line)\n".utf8)
    }
    return batch
  }

  /// Sends the lines until all are gone; how many rounds that took.
  private func send(_ lines: [String], _ steps: [ScriptedSocket.Step]) throws -> Int {
    socket.steps = steps
    let stream = try socket.stream()
    let segment = try handout()
    var outbox = Outbox()
    var batch = batch(lines)
    try outbox.send(&batch, over: stream, segment)
    var rounds = 1
    while !outbox.isEmpty, rounds < 1000 {
      _ = try outbox.sendWaiting(over: stream, segment)
      rounds += 1
    }
    #expect(outbox.byteCount == 0)
    return rounds
  }

  private var maps: UInt64 { statistics.maps.load(ordering: .relaxed) }

  @Test("sends what carries no descriptor with one call")
  func plain() throws {
    #expect(try send(["one", "two"], []) == 1)
    #expect(socket.calls == ["send 8"])
    #expect(maps == 0)
  }

  @Test("sends what stands before a reply with a descriptor first, and what follows behind it")
  func order() throws {
    #expect(try send(["one", "M1", "two", "M2", "M3"], []) == 1)
    #expect(socket.calls == ["send 4", "sendmsg 7", "sendmsg 3", "sendmsg 3"])
    #expect(socket.received == "one\nM1\ntwo\nM2\nM3\n")
    #expect(socket.descriptorPlaces == [4, 11, 14])
    #expect(maps == 3)
  }

  @Test("sends a descriptor once, with its reply's first byte, however the stream is cut")
  func cuts() throws {
    let lines = ["one", "M1", "two", "M2", "M3", "three"]
    for steps in [
      [.error(EAGAIN)], [.all, .error(EAGAIN)],
      [.atMost(2), .error(EAGAIN), .all, .error(EAGAIN), .atMost(1)],
      [.error(EINTR), .atMost(4), .error(EINTR), .atMost(1)],
      [ScriptedSocket.Step](repeating: .atMost(1), count: 100),
      (0..<100).map { $0 % 2 == 0 ? .error(EAGAIN) : .atMost(1) },
      (0..<100).map { $0 % 2 == 0 ? .atMost(2) : .error(EAGAIN) },
    ] {
      socket.received = ""
      socket.descriptorPlaces = []
      #expect(try send(lines, steps) > 1)
      #expect(socket.received == lines.map { "\($0)\n" }.joined())
      #expect(socket.descriptorPlaces == [4, 11, 14])
    }
    #expect(maps == 7 * 3)
  }

  @Test(
    "puts an error in the place of a reply whose descriptor the kernel does not take, and goes on",
    arguments: [ETOOMANYREFS, EPERM, ENOMEM, EINVAL])
  func refused(code: Int32) throws {
    let rounds = try send(
      ["one", "M1", "two", "M2", "three"], [.all, .error(code), .all, .atMost(1), .error(EAGAIN)])
    #expect(rounds > 1)
    let reason = String(cString: strerror(code))
    #expect(
      socket.received
        == "one\nERR unavailable the descriptor can't be sent: sendmsg: \(reason)\ntwo\nM2\nthree\n")
    #expect(socket.descriptorPlaces.count == 1)
    #expect(maps == 1)
    #expect(log.messages(.warning).count == 1)
  }

  @Test("tells that the peer is gone, whether a descriptor was to go or not", arguments: [EPIPE, ECONNRESET])
  func gone(code: Int32) throws {
    #expect(throws: SystemCallError("send", code)) { try send(["one", "M1"], [.error(code)]) }
    #expect(throws: SystemCallError("send", code)) { try send(["M1"], [.error(code), .error(code)]) }
    #expect(maps == 0)
  }

  @Test("keeps what is sent while something waits behind that")
  func behind() throws {
    socket.steps = [.error(EAGAIN)]
    let stream = try socket.stream()
    let segment = try handout()
    var outbox = Outbox()
    for lines in [["M1", "one"], [], ["two", "M2"]] {
      var batch = batch(lines)
      try outbox.send(&batch, over: stream, segment)
    }
    #expect(outbox.byteCount == 14)
    #expect(socket.received == "")
    #expect(try outbox.sendWaiting(over: stream, segment))
    #expect(socket.received == "M1\none\ntwo\nM2\n")
    #expect(socket.descriptorPlaces == [0, 11])
    #expect(outbox.isEmpty)
  }
}

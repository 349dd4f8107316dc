import SessionWire
import Testing

@testable import SessionClient

@Suite struct PipelineTests {
  private let start = ContinuousClock.now
  private let unreachable = SessionError.unavailable(socket: "x", reason: "y")

  private func request(_ line: String, _ repetition: Repetition = .read, after seconds: Double = 5)
    -> PendingRequest
  {
    PendingRequest(
      line: Array((line + "\n").utf8), repetition: repetition, deadline: start + .seconds(seconds),
      connectBy: start + .seconds(1))
  }

  private func pipeline(_ requests: PendingRequest...) -> Pipeline {
    var pipeline = Pipeline()
    for request in requests { pipeline.append(request) }
    return pipeline
  }

  /// Flushes into a text; the kernel takes `room` bytes in all.
  private func flush(_ pipeline: inout Pipeline, room: Int = .max) -> String {
    var written: [UInt8] = []
    pipeline.flush { bytes, offset in
      let taken = bytes[offset...].prefix(room - written.count)
      written.append(contentsOf: taken)
      return taken.count
    }
    return String(decoding: written, as: UTF8.self)
  }

  private func errors(_ settlements: [Settlement]) -> [SessionError] {
    settlements.compactMap { if case .failure(let error) = $0.result { error } else { nil } }
  }

  @Test("lines go out whole and in order, wherever the kernel stops taking them")
  func everySplit() {
    let text = "GET a\nINCR b c\nPING\n"
    for first in 0...text.utf8.count {
      for second in 0...(text.utf8.count - first) {
        var pipeline = pipeline(request("GET a"), request("INCR b c", .never), request("PING"))
        var written = flush(&pipeline, room: first)
        written += flush(&pipeline, room: second)
        written += flush(&pipeline)
        #expect(written == text)
        #expect(pipeline.sent.count == 3 && !pipeline.hasUnsent)
      }
    }
  }

  @Test("long lines go out whole between short ones")
  func longLines() {
    let long = String(repeating: "x", count: 100_000)
    var pipeline = pipeline(request("a"), request(long), request("b"), request(long), request("c"))
    var written = ""
    var rounds = 0
    while pipeline.hasUnsent, rounds < 100 {
      written += flush(&pipeline, room: 30_000)
      rounds += 1
    }
    #expect(written == "a\n\(long)\nb\n\(long)\nc\n")
  }

  @Test("replies belong to the requests in the order in which they were sent")
  func order() {
    let (a, b) = (request("a"), request("b"))
    var pipeline = pipeline(a, b)
    _ = flush(&pipeline)
    var settlements: [Settlement] = []
    #expect(pipeline.accept(.done, into: &settlements) == .proceed)
    #expect(pipeline.accept(.none, into: &settlements) == .proceed)
    #expect(settlements.map { $0.request === a } == [true, false])
    #expect(settlements[1].request === b)
    #expect(pipeline.waitingCount == 0)
    #expect(pipeline.accept(.done, into: &settlements) == .violation("a reply came that nobody asked for"))
  }

  @Test("one given up before it was sent never goes out")
  func givenUpUnsent() {
    let (a, b, c) = (request("a"), request("b"), request("c"))
    var pipeline = pipeline(a, b, c)
    let (first, second) = (pipeline.abandon(b), pipeline.abandon(b))
    #expect(first && !second)
    #expect(flush(&pipeline) == "a\nc\n")
    #expect(pipeline.waitingCount == 2)
  }

  @Test("one given up before it came is not counted")
  func givenUpBefore() {
    var pipeline = pipeline(request("a"))
    let isGivenUp = pipeline.abandon(request("b"))
    #expect(isGivenUp && pipeline.waitingCount == 1 && pipeline.count == 1)
  }

  @Test("one given up when it was partly sent goes out to its end, and its reply is swallowed")
  func givenUpHalfway() {
    let (a, b) = (request("aaaa"), request("b"))
    var pipeline = pipeline(a, b)
    #expect(flush(&pipeline, room: 2) == "aa")
    let isGivenUp = pipeline.abandon(a)
    #expect(isGivenUp)
    #expect(flush(&pipeline) == "aa\nb\n")
    var settlements: [Settlement] = []
    _ = pipeline.accept(.value([0x31]), into: &settlements)
    #expect(settlements.isEmpty)
    _ = pipeline.accept(.value([0x32]), into: &settlements)
    #expect(settlements.map { $0.request === b } == [true])
  }

  @Test("a reply that comes before its line is sent to the end settles the request, and the line goes on")
  func earlyReply() {
    let (long, next) = (request("looooong"), request("next"))
    var pipeline = pipeline(long, next)
    #expect(flush(&pipeline, room: 4) == "looo")
    var settlements: [Settlement] = []
    #expect(pipeline.accept(.refused(.tooLarge, text: ""), into: &settlements) == .proceed)
    #expect(settlements.map { $0.request === long } == [true])
    var surplus = pipeline
    #expect(surplus.accept(.done, into: &settlements) == .violation("a reply came that nobody asked for"))
    #expect(flush(&pipeline) == "oong\nnext\n")
    #expect(pipeline.accept(.done, into: &settlements) == .proceed)
    #expect(settlements.last?.request === next && pipeline.count == 0)
  }

  @Test("a lost connection fails what would count twice and keeps the rest in order")
  func lost() {
    var pipeline = pipeline(
      request("r1"), request("n1", .never), request("w1", .idempotentWrite), request("n2", .never),
      request("r2"))
    #expect(flush(&pipeline, room: 10) == "r1\nn1\nw1\nn")
    let settlements = pipeline.disconnect(.lost, waitUntil: start)
    #expect(errors(settlements) == [.disconnected(mayHaveBeenApplied: true)])
    // n2 was sent without its end, and a daemon executes no such line.
    #expect(flush(&pipeline) == "r1\nw1\nn2\nr2\n")
  }

  @Test("nothing of a connection that was turned away was executed")
  func turnedAway() {
    var pipeline = pipeline(request("n1", .never), request("n2", .never))
    #expect(flush(&pipeline) == "n1\nn2\n")
    var settlements: [Settlement] = []
    #expect(
      pipeline.accept(.refused(.limit, text: "full house"), into: &settlements) == .turnedAway("full house"))
    #expect(pipeline.disconnect(.turnedAway, waitUntil: start).isEmpty && settlements.isEmpty)
    #expect(flush(&pipeline) == "n1\nn2\n")
  }

  @Test("after nonsense nothing that was sent is sent again")
  func violation() {
    var pipeline = pipeline(request("r"), request("w", .idempotentWrite), request("n", .never))
    _ = flush(&pipeline, room: 4)
    let settlements = pipeline.disconnect(.violation("nonsense"), waitUntil: start)
    #expect(
      errors(settlements) == [
        .protocolViolation("nonsense", mayHaveBeenApplied: false),
        .protocolViolation("nonsense", mayHaveBeenApplied: true),
      ])
    #expect(flush(&pipeline) == "n\n")
  }

  @Test("a daemon that shuts down gets nothing more, and what it declined goes first to the next one")
  func stopping() {
    var pipeline = pipeline(request("n1", .never), request("n2", .never), request("n3", .never))
    _ = flush(&pipeline)
    var settlements: [Settlement] = []
    _ = pipeline.accept(.refused(.stopping, text: ""), into: &settlements)
    pipeline.append(request("r4"))
    #expect(flush(&pipeline) == "")
    #expect(!pipeline.isDrained)
    _ = pipeline.accept(.refused(.stopping, text: ""), into: &settlements)
    _ = pipeline.accept(.value([0x31]), into: &settlements)
    #expect(settlements.count == 1 && pipeline.isDrained)
    #expect(pipeline.disconnect(.lost, waitUntil: start).isEmpty)
    #expect(flush(&pipeline) == "n1\nn2\nr4\n")
  }

  @Test("time runs out for those whose deadline passed, and for no others")
  func deadlines() {
    let (a, b, c) = (
      request("a", .never, after: 1), request("b", .idempotentWrite, after: 2), request("c", .never, after: 3)
    )
    var pipeline = pipeline(a, b, c)
    _ = flush(&pipeline, room: 2)
    #expect(pipeline.nextExpiry(isConnected: true) == start + .seconds(1))
    #expect(pipeline.expire(at: start, unreachable: nil).isEmpty)
    #expect(
      errors(pipeline.expire(at: start + .seconds(1), unreachable: nil)) == [
        .timedOut(mayHaveBeenApplied: true)
      ])
    #expect(pipeline.nextExpiry(isConnected: true) == start + .seconds(2))
    #expect(
      errors(pipeline.expire(at: start + .seconds(9), unreachable: nil)) == [
        .timedOut(mayHaveBeenApplied: false), .timedOut(mayHaveBeenApplied: false),
      ])
    #expect(pipeline.nextExpiry(isConnected: true) == nil)
    #expect(pipeline.waitingCount == 0)
    #expect(flush(&pipeline) == "")
    // The reply to the one that was sent is still to come.
    #expect(pipeline.count == 1)
    var settlements: [Settlement] = []
    #expect(pipeline.accept(.none, into: &settlements) == .proceed)
    #expect(settlements.isEmpty)
  }

  @Test("without a connection patience ends before the deadline")
  func patience() {
    var pipeline = pipeline(request("a"), request("b", .never))
    #expect(pipeline.nextExpiry(isConnected: false) == start + .seconds(1))
    #expect(pipeline.expire(at: start + .seconds(1), unreachable: nil).isEmpty)
    #expect(
      errors(pipeline.expire(at: start + .seconds(1), unreachable: unreachable)) == [
        unreachable, unreachable,
      ])
    #expect(pipeline.count == 0)
  }

  @Test("a write that was sent before and found no second connection may have been applied")
  func patienceAfterSending() {
    var pipeline = pipeline(request("w", .idempotentWrite), request("r"))
    _ = flush(&pipeline)
    #expect(pipeline.disconnect(.lost, waitUntil: start + .seconds(2)).isEmpty)
    #expect(pipeline.nextExpiry(isConnected: false) == start + .seconds(2))
    #expect(
      errors(pipeline.expire(at: start + .seconds(2), unreachable: unreachable)) == [
        .disconnected(mayHaveBeenApplied: true), unreachable,
      ])
  }

  @Test("closing tells everybody, and whose change may have been applied")
  func close() {
    var pipeline = pipeline(request("r"), request("w", .idempotentWrite), request("n", .never))
    _ = flush(&pipeline, room: 4)
    #expect(errors(pipeline.close()) == [.closed, .disconnected(mayHaveBeenApplied: true), .closed])
    #expect(pipeline.count == 0 && pipeline.waitingCount == 0)
  }

  @Test("the pipeline has an end")
  func full() {
    var pipeline = Pipeline()
    for _ in 0..<Pipeline.requestsMax { pipeline.append(request("x")) }
    #expect(pipeline.isFull)
  }
}

import SessionWire
import Testing

@testable import SessionClient

@Suite("The engine's errands among the callers' requests") struct DutiesTests {
  private let start = ContinuousClock.now

  private func request(_ line: String, after seconds: Double = 5) -> PendingRequest {
    PendingRequest(
      line: Array((line + "\n").utf8), repetition: .read, deadline: start + .seconds(seconds),
      connectBy: start + .seconds(1))
  }

  private func flush(_ pipeline: inout Pipeline) -> String {
    var written: [UInt8] = []
    pipeline.flush { bytes, offset in
      written.append(contentsOf: bytes[offset...])
      return bytes.count - offset
    }
    return String(decoding: written, as: UTF8.self)
  }

  @Test("MAP goes before what waited for the connection, and its reply is the first")
  func first() {
    var pipeline = Pipeline()
    pipeline.append(request("GET a"))
    pipeline.append(request("GET b"))
    pipeline.prepend(PendingRequest(.map))
    #expect(pipeline.waitingCount == 2)
    #expect(flush(&pipeline) == "MAP\nGET a\nGET b\n")
    var settlements: [Settlement] = []
    #expect(pipeline.accept(.done, into: &settlements) == .proceed)
    #expect(settlements.map(\.request.errand) == [.map])
    #expect(pipeline.accept(.value([0x31]), into: &settlements) == .proceed)
    #expect(settlements.last?.request.errand == nil)
    #expect(pipeline.waitingCount == 1)
  }

  @Test("they have no deadline, and keep nobody else's from being kept")
  func deadlines() {
    var pipeline = Pipeline()
    pipeline.append(PendingRequest(.reads(3)))
    pipeline.append(request("GET a", after: 1))
    pipeline.append(PendingRequest(.touch(["s1"])))
    pipeline.append(request("GET b", after: 2))
    #expect(pipeline.nextExpiry(isConnected: true) == start + .seconds(1))
    #expect(pipeline.expire(at: start + .seconds(1), unreachable: nil).count == 1)
    #expect(flush(&pipeline) == "READS 3\nTOUCH s1\nGET b\n")
    #expect(pipeline.expire(at: start + .seconds(2), unreachable: nil).count == 1)
    #expect(pipeline.expire(at: start + .seconds(1000), unreachable: nil).isEmpty)
    #expect(pipeline.nextExpiry(isConnected: true) == nil)
  }

  @Test("they end with their connection, told whether the daemon may have heard of them")
  func disconnection() {
    for end in [Pipeline.End.lost, .turnedAway, .violation("x"), .closed] {
      var pipeline = Pipeline()
      pipeline.append(PendingRequest(.reads(3)))
      pipeline.append(request("GET a"))
      _ = flush(&pipeline)
      pipeline.append(PendingRequest(.touch(["s1"])))
      let settlements = pipeline.disconnect(end, waitUntil: start)
      let errands = settlements.filter { $0.request.errand != nil }
      let mayHaveBeenApplied = errands.map { settlement -> Bool in
        if case .failure(let error) = settlement.result { error.mayHaveBeenApplied } else { true }
      }
      let wasTaken = if case .turnedAway = end { false } else { true }
      #expect(mayHaveBeenApplied.sorted { $0 && !$1 } == [wasTaken, false])
      #expect(pipeline.unsent.first?.errand == nil)
      _ = pipeline.close()
      #expect(pipeline.waitingCount == 0 && pipeline.count == 0)
    }
  }

  @Test("a daemon that shuts down is not asked again, and its successor for what it needs to know")
  func stopping() {
    var pipeline = Pipeline()
    pipeline.append(PendingRequest(.map))
    pipeline.append(request("GET a"))
    _ = flush(&pipeline)
    var settlements: [Settlement] = []
    _ = pipeline.accept(.refused(.stopping, text: ""), into: &settlements)
    _ = pipeline.accept(.refused(.stopping, text: ""), into: &settlements)
    #expect(settlements.map(\.request.errand) == [.map])
    #expect(pipeline.isDrained)
    _ = pipeline.disconnect(.lost, waitUntil: start)
    #expect(flush(&pipeline) == "GET a\n")
  }

  @Test("what is due waits for a connection and for the reply to what was sent before")
  func moments() {
    var duties = Duties(wantsMapping: true)
    let patience = Duration.seconds(5)
    func next(connected: Bool = true, mapped: Bool = true) -> ContinuousClock.Instant? {
      duties.nextMoment(isConnected: connected, holdsMapping: mapped, answerPatience: patience)
    }
    #expect(next() == nil)
    duties.touchAt = start + .seconds(2)
    duties.reportAt = start + .seconds(1)
    #expect(next() == start + .seconds(1))
    #expect(next(connected: false) == nil)
    #expect(!duties.touchIsDue(at: start + .seconds(1)) && duties.reportIsDue(at: start + .seconds(1)))
    duties.isReporting = true
    #expect(!duties.reportIsDue(at: start + .seconds(1)))
    #expect(next() == start + .seconds(2))
    duties.isTouching = true
    duties.asked(at: start + .seconds(3))
    duties.asked(at: start + .seconds(4))
    #expect(next() == start + .seconds(8))
    #expect(next(mapped: false) == nil)
    duties.aloneUntil = start + .seconds(300)
    #expect(next(connected: false) == start + .seconds(300))
    duties.mapping = .settled
    duties.disconnected()
    #expect(duties.mapping == .wanted && duties.unansweredSince == nil)
    var unwanted = Duties(wantsMapping: false)
    unwanted.disconnected()
    #expect(unwanted.mapping == .off)
  }
}

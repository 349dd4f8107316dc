import SessionWire
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import SessionClient

@Suite(.timeLimit(.minutes(10))) struct CancellationTests {
  /// How the calls of a storm ended.
  private final class Tally: Sendable {
    struct Counts: Sendable, Equatable {
      var answered = 0
      var cancelled = 0
      var wrong: [String] = []
      var returned: Int { answered + cancelled + wrong.count }
    }
    private let counts = Mutex(Counts())

    func add(_ result: Result<Int?, any Error>, asked number: Int) {
      counts.withLock { counts in
        switch result {
        case .success(number): counts.answered += 1
        case .failure(is CancellationError): counts.cancelled += 1
        default: counts.wrong.append("\(number) got \(result)")
        }
      }
    }

    /// The counts when so many have returned; after twenty seconds, those that there are.
    func wait(for calls: Int) async throws -> Counts {
      for _ in 0..<4000 {
        let counts = counts.withLock { $0 }
        if counts.returned >= calls { return counts }
        try await Task.sleep(for: .milliseconds(5))
      }
      return counts.withLock { $0 }
    }
  }

  @Test("calls that are cancelled at whatever moment all return, and no reply goes to another's call")
  func storm() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    let tally = Tally()
    var random = SplitMix64(seed: 20_260_101)
    let (rounds, callsInARound) = (400, 20)
    for round in 0..<rounds {
      let tasks = (0..<callsInARound).map { position in
        let number = round * callsInARound + position
        return Task {
          do {
            tally.add(.success(try await sessions.get("s", String(number), as: Int.self)), asked: number)
          } catch {
            tally.add(.failure(error), asked: number)
          }
        }
      }
      // Somewhere between before they started and after they ended; every fourth is left alone.
      for task in tasks where Int.random(in: 0..<4, using: &random) > 0 {
        for _ in 0..<Int.random(in: 0..<8, using: &random) { await Task.yield() }
        task.cancel()
      }
    }
    let counts = try await tally.wait(for: rounds * callsInARound)
    #expect(counts.returned == rounds * callsInARound)
    #expect(counts.wrong == [])
    #expect(counts.answered > 0 && counts.cancelled > 0)
    // The client itself is well, and knows that nobody waits.
    #expect(try await sessions.get("s", "-1", as: Int.self) == -1)
    #expect(sessions.engine.state.withLock { $0.pipeline.waitingCount } == 0)
    #expect(daemon.connections == 1)
  }

  @Test("a request that was given up before it was submitted is refused, and never sent")
  func givenUpBefore() async throws {
    let daemon = try FakeDaemon { $0.answerAll(ConcurrencyTests.echo) }
    let sessions = client(of: daemon)
    defer { daemon.stop() }
    let later = ContinuousClock.now + .seconds(20)
    let request = PendingRequest(
      line: Array("GET s 1\n".utf8), repetition: .read, deadline: later, connectBy: later)
    sessions.engine.cancel(request)
    #expect(sessions.engine.submit(request, for: .thread(BlockedThread())) == .cancelled)
    #expect(sessions.engine.state.withLock { $0.pipeline.waitingCount } == 0)
    #expect(try await sessions.get("s", "2", as: Int.self) == 2)
    #expect(daemon.lines == ["GET s 2"])
  }
}

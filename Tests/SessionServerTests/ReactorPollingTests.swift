import Glibc
import Synchronization
import SystemCalls
import Testing

@testable import SessionServer

/// On a clock that hardly moves, so that how long it looks does not depend on the machine: as many looks as fit the
/// budget if each took 100 ns.
@Suite("A reactor that looks for requests before it sleeps")
struct ReactorPollingTests {
  private struct Polls: Equatable {
    var good: UInt64
    var vain: UInt64
  }

  private func polls(_ reactor: ReactorUnderTest) -> Polls {
    Polls(
      good: reactor.statistics.goodPolls.load(ordering: .relaxed),
      vain: reactor.statistics.vainPolls.load(ordering: .relaxed))
  }

  private func ping(_ client: TestClient, _ count: Int) throws {
    for _ in 0..<count { #expect(try client.ask("PING") == "OK \"pong\"") }
  }

  /// Waits until the reactor does not even look at the clock any more.
  private func awaitSleep(_ reactor: ReactorUnderTest) throws {
    try eventually("it sleeps") {
      let before = reactor.clock.now
      usleep(2000)
      return reactor.clock.now == before
    }
  }

  /// Some seconds of looks.
  private let longBudget: UInt64 = 1_000_000_000

  @Test("finds each request of a closed loop while it looks, after the first ones")
  func closedLoop() throws {
    let slots = PollingSlots(most: 1)
    try ReactorUnderTest.with(pollingBudget: longBudget, slots: slots) { reactor in
      let (client, _) = try reactor.connect()
      try ping(client, 10)
      let before = polls(reactor)
      try ping(client, 100)
      #expect(polls(reactor) == Polls(good: before.good + 100, vain: before.vain))
    }
    #expect(slots.taken == 0)
  }

  @Test("serves several clients at once, and what other threads want, while it looks")
  func others() throws {
    try ReactorUnderTest.with(pollingBudget: longBudget, slots: PollingSlots(most: 1)) { reactor in
      let (first, _) = try reactor.connect()
      try ping(first, 20)
      let (second, _) = try reactor.connect(uid: 7)
      try ping(second, 20)
      try first.send("INCR s n\nINCR s n\n")
      #expect(try second.ask("GET t k") == "NIL")
      #expect(try first.receive(lines: 2) == "OK 1\nOK 2\n")
      try reactor.settle()
      #expect(reactor.drain())
      #expect(try first.receiveAll() == "")
    }
  }

  @Test("sees to what is due by the clock while it looks")
  func deadlines() throws {
    try ReactorUnderTest.with(pollingBudget: longBudget, slots: PollingSlots(most: 1)) { reactor in
      let (slow, _) = try reactor.connect()
      let (other, _) = try reactor.connect()
      try slow.send("SET s k")
      try ping(other, 20)
      reactor.clock.advance(seconds: 31)
      _ = try slow.receiveAll()
      try eventually("the slow one is let go") { reactor.connectionCount == 1 }
      try ping(other, 1)
    }
  }

  @Test("sleeps soon when nothing comes, and looks no more then")
  func idle() throws {
    try ReactorUnderTest.with(
      clock: MovedClock(step: 1), pollingBudget: 20_000, slots: PollingSlots(most: 1)
    ) { reactor in
      let (client, _) = try reactor.connect()
      for _ in 0..<5 {
        try ping(client, 50)
        let (moment, counts) = (reactor.clock.now, polls(reactor))
        usleep(20_000)
        // The looks of one try, and what else it asks the clock in a turn.
        #expect(reactor.clock.now - moment < 1000)
        #expect(polls(reactor).good == counts.good)
        #expect(polls(reactor).vain <= counts.vain + 1)
      }
      try awaitSleep(reactor)
    }
  }

  @Test("sleeps although another thread was to stall a while ago")
  func stalledOther() throws {
    let clock = MovedClock(step: 1)
    try ReactorUnderTest.with(
      clock: clock, stall: TestStall(place: .reclaimer, moment: clock.now), pollingBudget: 20_000,
      slots: PollingSlots(most: 1)
    ) { reactor in
      let (client, _) = try reactor.connect()
      try ping(client, 50)
      try awaitSleep(reactor)
      try ping(client, 1)
    }
  }

  @Test("does not look with a budget of nothing, nor where no thread may")
  func off() throws {
    for (budget, most) in [(0, 1), (longBudget, 0)] as [(UInt64, Int)] {
      try ReactorUnderTest.with(
        clock: MovedClock(step: 1), pollingBudget: budget, slots: PollingSlots(most: most)
      ) { reactor in
        let (client, _) = try reactor.connect()
        try ping(client, 100)
        #expect(polls(reactor) == Polls(good: 0, vain: 0))
        try awaitSleep(reactor)
      }
    }
  }

  @Test("sleeps while all slots are taken, and looks again when one is free")
  func noSlot() throws {
    let slots = PollingSlots(most: 1)
    try ReactorUnderTest.with(
      clock: MovedClock(step: 1), pollingBudget: longBudget, slots: slots
    ) { reactor in
      let (client, _) = try reactor.connect()
      #expect(slots.tryTake())
      try ping(client, 50)
      try awaitSleep(reactor)
      #expect(polls(reactor).vain == 0)
      slots.give()
      try ping(client, 10)
      let before = polls(reactor)
      try ping(client, 50)
      #expect(polls(reactor).good == before.good + 50)
    }
  }

  @Test("gives a look up where other programs have the processor between two; a hypervisor is none")
  func heldUp() throws {
    for othersWantIt in [true, false] {
      // As if it did not run for that long each time.
      let clock = MovedClock(step: 2 * Int64(AdaptivePolling.heldUpAfter))
      let count = Atomic(0)
      let preemptions: @Sendable () -> Int = {
        othersWantIt ? count.wrappingAdd(1, ordering: .relaxed).newValue : 0
      }
      try ReactorUnderTest.with(
        clock: clock, pollingBudget: longBudget, slots: PollingSlots(most: 1), preemptions: preemptions
      ) { reactor in
        let (client, _) = try reactor.connect()
        try ping(client, 200)
        #expect((polls(reactor).good > 0) != othersWantIt)
        #expect(polls(reactor).vain > 0 || !othersWantIt)
      }
    }
  }

  @Test("does not look while many clients take turns, and does again when one of them goes on alone")
  func crowd() throws {
    try ReactorUnderTest.with(pollingBudget: longBudget, slots: PollingSlots(most: 1)) { reactor in
      let clients = try (0..<2 * ActiveConnections.few).map { _ in try reactor.connect().client }
      for _ in 0..<ActiveConnections.window { for client in clients { try ping(client, 1) } }
      let before = polls(reactor)
      for _ in 0..<10 { for client in clients { try ping(client, 1) } }
      #expect(polls(reactor) == before)
      try ping(clients[0], 3 * ActiveConnections.window)
      #expect(polls(reactor).good >= before.good + UInt64(ActiveConnections.window))
    }
  }

  @Test("takes another budget over from its mail")
  func changed() throws {
    try ReactorUnderTest.with(pollingBudget: longBudget, slots: PollingSlots(most: 1)) { reactor in
      let (client, _) = try reactor.connect()
      try ping(client, 20)
      reactor.mailbox.post {
        $0.limits = ReactorLimits(lineBytesMost: 1 << 20, lineTimeout: 30_000_000_000, pollingBudget: 0)
      }
      try reactor.settle()
      let before = polls(reactor)
      #expect(before.good > 0)
      try ping(client, 50)
      #expect(polls(reactor) == before)
      reactor.mailbox.post {
        $0.limits = ReactorLimits(
          lineBytesMost: 1 << 20, lineTimeout: 30_000_000_000, pollingBudget: longBudget)
      }
      try reactor.settle()
      try ping(client, 50)
      #expect(polls(reactor).good > before.good)
    }
  }

  @Test("tells how often it found something, in STATS and METRICS")
  func told() throws {
    try ReactorUnderTest.with(pollingBudget: longBudget, slots: PollingSlots(most: 1)) { reactor in
      let (client, _) = try reactor.connect()
      #expect(try client.ask("STATS").contains(#""polls":{"hits":0,"misses":0}"#))
      try ping(client, 20)
      let counts = polls(reactor)
      #expect(
        try client.ask("STATS").contains(#""polls":{"hits":\#(counts.good + 1),"misses":\#(counts.vain)}"#))
      let metrics = try client.ask("METRICS")
      #expect(metrics.contains("sessiond_polls_total{result=\\\"hit\\\"} \(counts.good + 2)\\n"))
    }
  }
}

import SessionCache
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The reclaimer")
struct ReclaimerTests {
  private func with(_ body: (Dialogue, Reclaimer) throws -> Void) throws {
    let clock = MovedClock()
    let reclaimer = Reclaimer(clock: clock.clock, stall: nil)
    let cache = try makeCache(shards: 4, wakeReclaimer: { reclaimer.wake() })
    let thread = try ServiceThread(name: "reclaimer") { reclaimer.run(cache) }
    defer {
      reclaimer.stop()
      thread.join()
    }
    try body(Dialogue(cache: cache, clock: clock), reclaimer)
  }

  @Test("reclaims what is over, whenever it is woken, and leaves the rest")
  func reclaims() throws {
    try with { dialogue, reclaimer in
      for number in 0..<100 { _ = dialogue.ask("SET s\(number) k TTL \(number < 60 ? 1 : 1000) 1") }
      #expect(dialogue.cache.sessionCount == 100)
      dialogue.clock.advance(seconds: 10)
      reclaimer.wake()
      try eventually("the expired ones are gone") { dialogue.cache.sessionCount == 40 }
      #expect(dialogue.cache.statistics.expired == 60)
      #expect(dialogue.ask("GET s99 k") == "OK 1")
    }
  }

  @Test("is woken by the cache for a deadline that is earlier than those before")
  func earlierDeadline() throws {
    try with { dialogue, reclaimer in
      _ = dialogue.ask("SET late k TTL 1000 1")
      reclaimer.progress.ask()
      reclaimer.wake()
      try eventually("it sleeps until the late one") { reclaimer.progress.hasAnswered }
      reclaimer.progress.ask()
      _ = dialogue.ask("SET early k TTL 1 1")
      try eventually("it goes round again by itself") { reclaimer.progress.hasAnswered }
    }
  }

  @Test("answers the watchdog when it is woken, and stops when it is told to")
  func progress() throws {
    try with { _, reclaimer in
      for _ in 0..<10 {
        reclaimer.progress.ask()
        reclaimer.wake()
        try eventually("it answers") { reclaimer.progress.hasAnswered }
      }
    }
  }

  @Test("sleeps not at all when it was stopped before it began")
  func stoppedEarly() throws {
    let reclaimer = Reclaimer(clock: MovedClock().clock, stall: nil)
    reclaimer.stop()
    reclaimer.run(try makeCache())
    reclaimer.progress.ask()
    #expect(!reclaimer.progress.hasAnswered)
  }
}

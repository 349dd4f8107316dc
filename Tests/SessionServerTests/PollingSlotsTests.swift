import Glibc
import Synchronization
import SystemCalls
import Testing

@Suite("The slots of threads that look")
struct PollingSlotsTests {
  @Test("are so many and no more", arguments: [0, 1, 2, 7])
  func bounded(most: Int) {
    let slots = PollingSlots(most: most)
    for count in 0..<most {
      #expect(slots.taken == count)
      #expect(slots.tryTake())
    }
    #expect(!slots.tryTake() && slots.taken == most)
    for _ in 0..<most { slots.give() }
    #expect(slots.taken == 0)
    // One too many is none at all.
    slots.give()
    #expect(slots.taken == 0)
  }

  @Test("of this process are at most half as many as its processors")
  func shared() {
    #expect(PollingSlots.shared.most <= max(1, sysconf(Int32(_SC_NPROCESSORS_CONF))) / 2)
  }

  @Test("are never too many with several threads at them, and all free in the end")
  func threads() throws {
    let slots = PollingSlots(most: 2)
    let tally = Tally()
    let threads = try (0..<4).map { _ in
      try ServiceThread(name: "taker") {
        for _ in 0..<20_000 where slots.tryTake() {
          let holders = tally.holders.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
          if holders > slots.most { tally.excess.wrappingAdd(1, ordering: .relaxed) }
          tally.holders.wrappingSubtract(1, ordering: .sequentiallyConsistent)
          slots.give()
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(tally.excess.load(ordering: .relaxed) == 0)
    #expect(slots.taken == 0)
  }

  private final class Tally: Sendable {
    let holders = Atomic<Int>(0)
    let excess = Atomic<Int>(0)
  }
}

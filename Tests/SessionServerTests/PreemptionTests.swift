import Synchronization
import SystemCalls
import Testing

@Suite("That other programs want the processor")
struct PreemptionTests {
  private final class Guarded: Sendable {
    let state: Mutex<Preemption>
    init(_ preemption: Preemption) { state = Mutex(preemption) }
  }

  @Test("is known if it happened since this was noted, and forgotten after a while")
  func known() {
    let count = Atomic(5)
    var preemption = Preemption { count.load(ordering: .relaxed) }
    preemption.note(at: 0)
    let answer1 = preemption.happened(by: 1)
    #expect(!answer1)
    count.add(3, ordering: .relaxed)
    // Too soon to be asked again.
    preemption.note(at: Preemption.memory / 2)
    let answer2 = preemption.happened(by: Preemption.memory / 2)
    #expect(answer2)
    let answer3 = preemption.happened(by: Preemption.memory / 2 + 1)
    #expect(!answer3)
    count.add(1, ordering: .relaxed)
    preemption.note(at: 2 * Preemption.memory)
    let answer4 = preemption.happened(by: 2 * Preemption.memory + 1)
    #expect(!answer4)
  }

  @Test("is not known of who never noted it")
  func unknown() {
    var preemption = Preemption { 7 }
    let answer5 = preemption.happened(by: 0)
    #expect(!answer5)
    let answer6 = preemption.happened(by: 1)
    #expect(!answer6)
  }

  @Test("is asked of the kernel once in a while")
  func seldom() {
    let asked = Atomic(0)
    var preemption = Preemption { asked.wrappingAdd(1, ordering: .relaxed).newValue }
    for moment in 0..<1000 { preemption.note(at: Int64(moment) * 1000) }
    #expect(asked.load(ordering: .relaxed) == 1)
  }

  @Test("is not known of one thread because another noted it")
  func otherThread() throws {
    let count = Atomic(0)
    let preemption = Guarded(Preemption { count.wrappingAdd(1, ordering: .relaxed).newValue })
    try ServiceThread(name: "other") { preemption.state.withLock { $0.note(at: 0) } }.join()
    let first = preemption.state.withLock { $0.happened(by: 1) }
    #expect(!first)
    let second = preemption.state.withLock { $0.happened(by: 2) }
    #expect(second)
  }

  @Test("is counted by the kernel for the calling thread")
  func real() {
    let first = Preemption.ofThisThread()
    #expect(first >= 0 && Preemption.ofThisThread() >= first)
  }
}

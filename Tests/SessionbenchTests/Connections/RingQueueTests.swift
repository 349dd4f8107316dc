import TestSupport
import Testing

@testable import sessionbench

@Suite("A queue with room for so many")
struct RingQueueTests {
  /// Adds and takes at random, and compares with an array.
  private func check(_ queue: RingQueue<Int>, _ model: [Int], capacity: Int, _ random: inout SplitMix64) {
    var (queue, model) = (queue, model)
    for step in 0..<500 {
      #expect(queue.count == model.count)
      #expect(queue.isFull == (model.count == capacity))
      if random.pick(2) == 0, !queue.isFull {
        queue.append(step)
        model.append(step)
      } else {
        #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
      }
    }
  }

  @Test("gives out first what came first, as an array does, whether it began empty or full")
  func order() {
    for seed in 1...50 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      let capacity = 1 + random.pick(20)
      check(RingQueue(capacity: capacity, filler: -1), [], capacity: capacity, &random)
      let members = Array(0..<capacity)
      check(RingQueue(full: members), members, capacity: capacity, &random)
    }
  }

  @Test("has nothing where there is room for none")
  func nothing() {
    var queue = RingQueue<Int>(full: [])
    #expect(queue.popFirst() == nil)
    #expect(queue.isFull)
  }
}

import TestSupport
import Testing

@testable import SessionClient

@Suite struct QueueTests {
  @Test("the queue gives back what a plain array would, over 20,000 random steps")
  func model() {
    var random = SplitMix64(seed: 42)
    var queue = Queue<Int>()
    var model: [Int] = []
    for step in 0..<20_000 {
      switch random.next() % 10 {
      case 0...4:
        queue.append(step)
        model.append(step)
      case 5:
        queue.prepend(step)
        model.insert(step, at: 0)
      case 6...8:
        #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
      default:
        if random.next() % 200 == 0 {
          #expect(queue.takeAll() == model)
          model = []
        }
      }
      #expect(queue.count == model.count && queue.first == model.first)
      if let last = model.indices.last { #expect(queue[last] == model[last]) }
    }
  }
}

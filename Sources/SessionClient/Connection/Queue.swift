/// A first-in, first-out queue. Taking from the front is amortised constant time.
struct Queue<Element> {
  private var slots: [Element?] = []
  private var head = 0

  /// Compacting moves as many elements as were taken before: below this count it isn't worth it.
  private static var compactionMin: Int { 64 }

  var count: Int { slots.count - head }
  var isEmpty: Bool { count == 0 }
  var first: Element? { isEmpty ? nil : self[0] }

  subscript(position: Int) -> Element {
    guard let element = slots[head + position] else { preconditionFailure("a taken slot is behind the head") }
    return element
  }

  mutating func append(_ element: Element) {
    slots.append(element)
  }

  mutating func prepend(_ element: Element) {
    if head > 0 {
      head -= 1
      slots[head] = element
    } else {
      slots.insert(element, at: 0)
    }
  }

  mutating func popFirst() -> Element? {
    guard let element = first else { return nil }
    slots[head] = nil
    head += 1
    if head == slots.count {
      slots.removeAll(keepingCapacity: slots.count <= 4 * Self.compactionMin)
      head = 0
    } else if head >= Self.compactionMin, head * 2 >= slots.count {
      slots.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Takes all elements, in their order.
  mutating func takeAll() -> [Element] {
    let elements = slots[head...].compactMap(\.self)
    slots = []
    head = 0
    return elements
  }
}

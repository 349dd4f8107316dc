/// A queue with room for so many: a ring with a place for each.
struct RingQueue<Element> {
  private var ring: [Element]
  private var head = 0
  private(set) var count: Int

  /// Full of these, the first one in front.
  init(full elements: [Element]) {
    ring = elements
    count = elements.count
  }

  /// Empty.
  ///
  /// - Parameters:
  ///   - capacity: how many there can be.
  ///   - filler: what lies in a place that nothing has come to yet.
  init(capacity: Int, filler: Element) {
    ring = [Element](repeating: filler, count: capacity)
    count = 0
  }

  var isFull: Bool { count == ring.count }

  /// Puts one behind all others; there must be room.
  mutating func append(_ element: Element) {
    precondition(!isFull)
    var place = head + count
    if place >= ring.count { place -= ring.count }
    ring[place] = element
    count += 1
  }

  /// The one that came first; nil if there is none.
  mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = ring[head]
    head += 1
    if head == ring.count { head = 0 }
    count -= 1
    return element
  }
}

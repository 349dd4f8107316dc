/// Which id is to be looked at when: the earliest first, a binary heap. An id may be in it several times; the
/// moment that its session names as `scheduled` is the one that counts.
struct DueQueue {
  struct Due {
    let moment: Int64
    let id: Name
  }

  private var heap: [Due] = []

  var count: Int { heap.count }
  var first: Due? { heap.first }

  init(_ dues: some Sequence<Due> = []) {
    // A sorted array is a heap.
    heap = dues.sorted { $0.moment < $1.moment }
  }

  mutating func add(_ due: Due) {
    heap.append(due)
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      if heap[parent].moment <= heap[place].moment { return }
      heap.swapAt(parent, place)
      place = parent
    }
  }

  mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var place = 0
    while true {
      var earliest = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].moment < heap[earliest].moment {
        earliest = child
      }
      if earliest == place { return }
      heap.swapAt(place, earliest)
      place = earliest
    }
  }
}

/// Why sessions ended: the last 10,000.
struct EndLog {
  static let most = 10_000

  private var ring: [Name] = []
  private var next = 0
  private var ends: [Name: (number: Int, end: SessionEnd)] = [:]
  private var count = 0

  /// The last end of a session of this id, if it is known.
  func end(of id: Name) -> SessionEnd? { ends[id]?.end }

  mutating func note(_ id: Name, _ end: SessionEnd) {
    if ring.count < Self.most {
      ring.append(id)
    } else {
      // An id that ended again since then keeps the later end.
      let forgotten = ring[next]
      if let known = ends[forgotten], known.number == count - Self.most { ends[forgotten] = nil }
      ring[next] = id
    }
    next = (next + 1) % Self.most
    ends[id] = (count, end)
    count += 1
  }
}

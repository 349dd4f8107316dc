/// What a server has answered to SCAN and did not fit a page. Kept for some listings; that of the one which went on least
/// recently is forgotten first.
struct ScanLeftovers: ~Copyable {
  /// As many listings may be under way, each with as much as the server answers at once: some thousand ids at most.
  private static let listingsMost = 64

  struct Leftover {
    /// What the cursor belongs to; a client may bring it with another question.
    var scan: RedisStore.Scan
    var names: [[UInt8]]
    /// The server's cursor for what follows.
    var next: String
  }

  private var leftovers: [(ticket: UInt64, leftover: Leftover)] = []
  private var lastTicket: UInt64 = 0

  mutating func keep(_ leftover: Leftover) -> UInt64 {
    if leftovers.count == Self.listingsMost { leftovers.removeFirst() }
    lastTicket += 1
    leftovers.append((lastTicket, leftover))
    return lastTicket
  }

  /// It stays, since a page may be asked for again.
  func find(_ ticket: UInt64, of scan: RedisStore.Scan) -> (names: [[UInt8]], next: String)? {
    guard let entry = leftovers.last(where: { $0.ticket == ticket }), entry.leftover.scan == scan else {
      return nil
    }
    return (entry.leftover.names, entry.leftover.next)
  }
}

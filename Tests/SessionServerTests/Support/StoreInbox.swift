import SystemCalls

@testable import SessionServer

/// Takes the store's answers in the place of a reactor.
final class StoreInbox: Sendable {
  private let replies = Guarded<[StoreReply]>([])

  var bell: StoreBell { StoreBell { [replies] new in replies.withLock { $0 += new } } }

  /// The answer to a ticket; nil if it does not come for a long time.
  func wait(for ticket: UInt64) -> StoreReply? {
    var found: StoreReply?
    try? eventually("the store answers") {
      found = take(ticket)
      return found != nil
    }
    return found
  }

  /// The answer to a ticket, if it is there.
  func take(_ ticket: UInt64) -> StoreReply? {
    replies.withLock { replies in
      guard let place = replies.firstIndex(where: { $0.ticket == ticket }) else { return nil }
      return replies.remove(at: place)
    }
  }
}

import SessionStore
import SystemCalls

/// Who waits for the store: a request that is parked, on one reactor.
struct StoreWaiter: Sendable {
  let bell: StoreBell
  /// By which the reactor knows the request.
  let ticket: UInt64
}

/// How the store's threads reach a reactor.
final class StoreBell: Sendable {
  private let ring: @Sendable ([StoreReply]) -> Void

  /// - Parameter ring: called by any thread; must be quick.
  init(_ ring: @escaping @Sendable ([StoreReply]) -> Void) {
    self.ring = ring
  }

  func callAsFunction(_ replies: [StoreReply]) { ring(replies) }
}

/// What became of what a parked request waited for.
struct StoreReply: Sendable {
  let ticket: UInt64
  let answer: StoreAnswer
}

enum StoreAnswer: Sendable {
  /// What was missing is there, or there is room: perform the request again.
  case ready
  /// The change was put to the store.
  case committed([StoreOutcome])
  case listed([[UInt8]], next: StoreCursor?)
  /// What the store has under this id is not what was written.
  case damaged([UInt8])
  case refused(StoreRefusal)
}

/// Why the store's part of a request was not done.
struct StoreRefusal: Error, Sendable, Equatable {
  var reason: String
  /// Whether the change is known not to have been made.
  var isDecided = true
}

/// Answers on their way, so that a reactor is woken once for all that are for it.
struct StoreReplies {
  private var byBell: [ObjectIdentifier: (bell: StoreBell, replies: [StoreReply])] = [:]

  mutating func add(_ answer: StoreAnswer, for waiter: StoreWaiter) {
    byBell[ObjectIdentifier(waiter.bell), default: (waiter.bell, [])].replies.append(
      StoreReply(ticket: waiter.ticket, answer: answer))
  }

  mutating func add(_ answer: StoreAnswer, for waiters: some Sequence<StoreWaiter>) {
    for waiter in waiters { add(answer, for: waiter) }
  }

  /// Not under a lock.
  consuming func send() {
    for (bell, replies) in byBell.values { bell(replies) }
  }
}

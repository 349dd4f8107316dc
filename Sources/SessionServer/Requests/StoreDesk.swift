import SessionCache
import SessionWire

/// A reactor's side of the store: what the request that is being performed wants of it, and the numbers by which
/// parked requests are known. Belongs to one thread.
final class StoreDesk {
  let service: StoreService
  private let bell: StoreBell
  /// Takes the changes, where they are made only once the store has them; else nil.
  let plan: ChangePlan?
  var need = StoreNeed()
  private var lastTicket: UInt64 = 0
  /// How many changes are made before the queue is looked at again.
  private var changesUntilLook = 0
  /// To look is to add up a number of each shard. So far may the queue be exceeded by each reactor.
  private static let changesPerLook = 32

  init(_ service: StoreService, bell: StoreBell) {
    self.service = service
    self.bell = bell
    plan = service.makesPlans ? ChangePlan() : nil
  }

  /// How long a request waits for an answer of the store, in nanoseconds: for a call that is under way, and for its own.
  private var patience: Int64 { 2 * service.timeout + 1_000_000_000 }

  /// Whether changes have to wait for what is unsaved.
  func isQueueFull() -> Bool {
    guard changesUntilLook == 0 else {
      changesUntilLook -= 1
      return false
    }
    guard service.noteChanges() else {
      changesUntilLook = Self.changesPerLook
      return false
    }
    return true
  }

  /// As whom a request waits that waits anew: answers to what it waited for before find nobody.
  ///
  /// - Parameter patience: how long it may wait, in nanoseconds; nil: for the store's answer.
  func waiter(for parked: ParkedRequest, patience: Int64? = nil) -> StoreWaiter {
    lastTicket += 1
    parked.ticket = lastTicket
    parked.patience = patience ?? self.patience
    return StoreWaiter(bell: bell, ticket: lastTicket)
  }

  /// Nobody waits for the answer to a ticket any more.
  func abandon(_ ticket: UInt64) {
    service.abandon(StoreWaiter(bell: bell, ticket: ticket))
  }
}

/// What a request could not be performed without.
struct StoreNeed {
  /// Ids of which memory knows nothing.
  var ids: [[UInt8]] = []
  /// Room in memory.
  var isRoom = false
  /// Room in the queue of what is unsaved.
  var isQueueRoom = false

  var isNone: Bool { ids.isEmpty && !isRoom && !isQueueRoom }
}

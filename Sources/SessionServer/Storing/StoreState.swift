import SessionCache
import SessionStore
import SystemCalls

/// What is queued for the store's threads, and what they are at.
struct StoreState {
  var terms: StoreTerms
  var health = StoreHealth()
  var flights = FlightTable<StoreWaiter>()
  /// Ids to load, in the order in which they were asked for; each has a flight.
  var loads: [[UInt8]] = []
  /// Those of the call that loads just now.
  var loading: Set<[UInt8]> = []
  var listings: [StoreListing] = []
  var commits = CommitQueue()
  /// Requests for which memory has no room until something is saved, and those for which the queue has none.
  var roomWaiters: [StoreWaiter] = []
  var queueWaiters: [StoreWaiter] = []
  /// Ids of which memory is to forget what it has once the store has told what that is now.
  var loadedAfresh: Set<[UInt8]> = []
  /// Listings that wait until what is unsaved now is saved.
  var barriers: [StoreListing] = []
  /// How many of those the round waits for that is under way, how many commits the call is for that is made just now,
  /// and whether a listing is asked for.
  var barriersUnderWay = 0
  var committing = 0
  var isListing = false
  /// Answers that are held back for a moment.
  var postponed: [PostponedReply] = []
  var pace: FlushPace
  /// Whether uses are to be saved now: what was used and is not saved can't leave memory.
  var areUsesAsked = false
  var warmUp = WarmUp.none
  var pagesInVain = 0
  /// Calls that load since the last listing.
  var loadsInARow = 0
  /// What others have changed since the page was read that fills the cache just now; nil: none is being read.
  var changedDuringPage: Set<[UInt8]>?
  /// The first opening, until the saving thread has its answer.
  var opening: StoreOpening?
  /// What the store said of itself when it was opened last.
  var lastRemark: String?
  /// Whether the loading thread is in a call; the store is not opened meanwhile.
  var isLoading = false
  /// Whether the saving thread opens the store; no call is made meanwhile.
  var isOpening = false
  /// Whether all that memory has of the store may be old and is to be forgotten.
  var mustForgetAll = false
  /// Since when the store was away when all was forgotten because that took too long.
  var staleSince: Int64?
  /// When the daemon before saw its shared store last, until this one does.
  var seenBefore: Int64?
  /// Whether memory may have sessions of the time before it was this shared store's, which nobody else has.
  var isMemoryAhead = false
  /// The daemon goes down: what is unsaved is saved, then the threads end.
  var isStopping = false
  var isOver = false
  var threads: [ServiceThread] = []

  struct PostponedReply {
    let at: Int64
    let waiter: StoreWaiter
    let answer: StoreAnswer
  }

  init(terms: StoreTerms, at now: Int64) {
    self.terms = terms
    pace = FlushPace(every: terms.flushEvery, at: now)
  }

  /// Everything is to be saved that keeps records in memory.
  mutating func askForRoom() {
    areUsesAsked = true
    pace.ask()
  }

  /// How many requests wait; each is at one place at a time.
  var waitingCount: Int {
    flights.waiterCount + listings.count + (isListing ? 1 : 0) + commits.count + committing
      + roomWaiters.count
      + queueWaiters.count + barriers.count + barriersUnderWay + postponed.count
  }

  /// When memory is to forget what it has of a shared store that is away.
  var staleAt: Int64? {
    guard terms.staleFor > 0, !isMemoryAhead, health.isAway, let since = health.trouble?.since,
      since != staleSince
    else { return nil }
    return min(since, seenBefore ?? since) &+ terms.staleFor
  }

  /// Why the store can't be asked.
  var refusal: StoreRefusal {
    StoreRefusal(reason: health.trouble?.reason ?? "the daemon is going down")
  }
}

/// How far filling an empty cache has come.
enum WarmUp {
  case none
  /// Where it goes on.
  case waiting(StoreCursor?)
}

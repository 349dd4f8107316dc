import SessionCache
import SessionSegment
import SessionStore
import SystemCalls

/// The beginning and the end of the service.
extension StoreService {
  /// How long a stop saves what is unsaved as long as the store takes it, in nanoseconds; what is left then stays in
  /// the segment.
  static let savingMost: Int64 = 120_000_000_000
  /// How long the threads get to end after that, beyond the time that a call may take.
  private static let endMost: Int64 = 1_000_000_000
  /// How long a thread waits before it looks whether there is still something to wait for.
  static let lookNanoseconds: Int64 = 100_000_000

  /// Starts the threads.
  func start() throws(SystemCallError) {
    let threads = [
      try ServiceThread(name: "store-load") {
        self.runLoading()
        self.ended.arrive()
      },
      try ServiceThread(name: "store-save") {
        self.runSaving()
        self.ended.arrive()
      },
    ]
    withState { $0.threads = threads }
  }

  /// Saves what is unsaved, uses as well, and ends the threads. Nobody asks for anything any more.
  ///
  /// - Parameter stillSaving: called a few times a second meanwhile.
  /// - Returns: how many records are left unsaved.
  func stop(stillSaving: () -> Void) -> Int {
    withState { $0.isStopping = true }
    saver.wake()
    for _ in 0..<Self.savingMost / Self.lookNanoseconds {
      if saved.wait(nanoseconds: Self.lookNanoseconds) { break }
      stillSaving()
    }
    withState { $0.isOver = true }
    saver.wake()
    loader.wake()
    let threads = withState { $0.threads }
    if ended.wait(nanoseconds: timeout &+ Self.endMost) {
      for thread in threads { thread.join() }
      // Memory knows of all that was committed, and was told to forget what is in doubt.
      if isKnown { cache.storeLead = .memory }
      // Where it is still being opened, that ends with the process.
      if withState({ $0.opening }) == nil { store.close() }
    } else {
      // A call is stuck; the process ends with it.
      for thread in threads { thread.detach() }
    }
    return cache.unsavedCount
  }
}

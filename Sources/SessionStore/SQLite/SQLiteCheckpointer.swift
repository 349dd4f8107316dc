import CSQLite
import SystemCalls

/// A thread that moves the log into the file when it is told that the log has grown, so that no commit waits for that.
///
/// It never waits for readers or the writer, and they do not wait for it (SQLITE_CHECKPOINT_PASSIVE). What it can't
/// move stays in the log; if that goes on, the writer does it and reports the error.
final class SQLiteCheckpointer: Sendable {
  private let work: Work
  private let thread: ServiceThread

  init(_ connection: sending SQLiteConnection) throws(SystemCallError) {
    let work = Work(connection)
    self.work = work
    thread = try ServiceThread(name: "store-log") { work.run() }
  }

  func begin() { work.tell { $0.isWanted = true } }

  /// Ends the thread, once, after what it is doing.
  func stop() {
    work.tell { $0.isEnding = true }
    thread.join()
  }

  private final class Work: @unchecked Sendable {
    struct State {
      var isWanted = false
      var isEnding = false
    }

    // Safe to share: `state` is guarded by `lock`, and `connection` is used by the thread alone.
    private let lock = MutexLock()
    private var state = State()
    private let connection: SQLiteConnection

    init(_ connection: sending SQLiteConnection) { self.connection = connection }

    func tell(_ change: (inout State) -> Void) {
      lock.withLock {
        change(&state)
        lock.signal()
      }
    }

    func run() {
      while waitUntilWanted() {
        // Whatever failed here fails for the writer when the log has grown further, and is reported there.
        sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
      }
    }

    private func waitUntilWanted() -> Bool {
      lock.withLock {
        while !state.isWanted, !state.isEnding { lock.wait(nanoseconds: nil) }
        state.isWanted = false
        return !state.isEnding
      }
    }
  }
}

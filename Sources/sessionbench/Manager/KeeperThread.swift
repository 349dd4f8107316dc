import SystemCalls

/// A thread for one task at a time, which may block it: so that as many tasks as there are threads are at work at
/// once, as in a server with a thread for each client, and not as many as there are processors.
final class KeeperThread: TaskExecutor, @unchecked Sendable {
  // Safe to share: `jobs` and `isStopping` are guarded by `lock`, and `thread` is set before anybody has this.
  private let lock = MutexLock()
  private var jobs: [UnownedJob] = []
  private var isStopping = false
  private var thread: ServiceThread?

  /// Starts it. `stop` must be called.
  init() throws {
    thread = try ServiceThread(name: "keeper") { self.run() }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    lock.withLock {
      jobs.append(job)
      lock.signal()
    }
  }

  /// Ends the thread, once, when its tasks are done.
  func stop() {
    lock.withLock {
      isStopping = true
      lock.signal()
    }
    thread?.join()
  }

  private func run() {
    while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
  }

  private func next() -> UnownedJob? {
    lock.withLock {
      while jobs.isEmpty, !isStopping { lock.wait(nanoseconds: nil) }
      return jobs.isEmpty ? nil : jobs.removeFirst()
    }
  }
}

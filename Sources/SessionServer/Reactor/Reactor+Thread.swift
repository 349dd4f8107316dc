import Logging
import SystemCalls

extension Reactor {
  /// Lets the reactor run in a thread of its own; nobody else may use it from now on.
  func start(name: String, finished: CountdownLatch, logger: Logger) throws(SystemCallError) -> ServiceThread
  {
    // Handed over for good: the starting thread keeps no reference.
    nonisolated(unsafe) let reactor = self
    return try ServiceThread(name: name) {
      do throws(SystemCallError) {
        try reactor.run()
      } catch {
        // Without epoll nothing can be served; a thread that is missed makes the watchdog act.
        logger.critical("\(name) has stopped: \(error)")
      }
      finished.arrive()
    }
  }
}

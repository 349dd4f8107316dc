import Logging
import SystemCalls

extension Server {
  func drain(_ parts: Parts) {
    for mailbox in parts.mailboxes { mailbox.post { $0.isDraining = true } }
    var areDone = parts.finished.wait(nanoseconds: Self.drainNanoseconds)
    if !areDone {
      logger.warning("some clients did not take their last replies in time")
      for mailbox in parts.mailboxes { mailbox.post { $0.isOver = true } }
      areDone = parts.finished.wait(nanoseconds: Self.stopNanoseconds)
    }
    parts.reclaimer.stop()
    areDone = parts.reclaimed.wait(nanoseconds: Self.stopNanoseconds) && areDone
    if let service = parts.store { stop(service) }
    guard areDone else {
      // It would never end; the process does, with all its threads.
      return logger.critical("a thread is stuck and is left behind")
    }
    for thread in parts.threads { thread.join() }
  }
}

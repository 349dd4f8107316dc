import Glibc

/// Seconds since boot, for bounds on waiting; no test asserts how long something took.
func secondsSinceBoot() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_BOOTTIME, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

/// Lets other processes run for a moment.
func pause(milliseconds: UInt32) {
  usleep(milliseconds * 1000)
}

/// Asks again every few milliseconds until the condition holds; throws when it never does within the
/// bound, which is far longer than what it waits for takes.
func eventually(_ what: String, within seconds: Double = 20, _ condition: () throws -> Bool) throws {
  let end = secondsSinceBoot() + seconds
  repeat {
    if try condition() { return }
    pause(milliseconds: 3)
  } while secondsSinceBoot() < end
  throw Failure("never happened within \(seconds) s: \(what)")
}

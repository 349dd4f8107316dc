internal import Glibc

/// The time of day, which the daemon and its clients share since they run on one machine.
enum WallClock {
  static var secondsSince1970: Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}

import Glibc
import SystemCalls

/// The processor's time that has been used, in nanoseconds.
enum ProcessorTime {
  /// By a process, all of its threads together, those that have ended among them. The same sum as in /proc/PID/stat,
  /// where it is told in ticks of 10 ms, and exact where threads are running at this moment (clock_getcpuclockid(3)).
  static func nanoseconds(of process: Int) throws -> Int64 {
    var clock = clockid_t()
    // It returns the error and does not set errno.
    let code = clock_getcpuclockid(pid_t(clamping: process), &clock)
    guard code == 0 else { throw SystemCallError("clock_getcpuclockid", code) }
    var time = timespec()
    _ = try systemCall("clock_gettime") { clock_gettime(clock, &time) }
    return nanoseconds(time)
  }

  /// By this process, likewise.
  static func own() -> Int64 {
    var time = timespec()
    // It can't fail for a clock that each process has.
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return nanoseconds(time)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// By one thread of another process, as exact as the scheduler counts it (proc(5), /proc/PID/schedstat).
  static func nanoseconds(of process: Int, thread: Int) throws -> Int64 {
    let path = "/proc/\(process)/task/\(thread)/schedstat"
    guard let time = nanoseconds(ofSchedule: try SmallFile.text(ofKernel: path)) else {
      throw BenchmarkFailure("\(path) does not tell for how long the thread has run")
    }
    return time
  }

  /// The first of its numbers; nil where there is none, or 0, which is what a kernel tells that does not count.
  static func nanoseconds(ofSchedule text: String) -> Int64? {
    guard let word = text.split(whereSeparator: \.isWhitespace).first, let time = Int64(word), time > 0 else {
      return nil
    }
    return time
  }
}

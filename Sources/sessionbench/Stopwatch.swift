import Glibc
import SystemCalls

/// Adds up stretches of time: of the clock, and of this process's threads on a processor.
struct Stopwatch {
  /// Between starts and stops.
  private(set) var nanoseconds: Int64 = 0
  private(set) var processorNanoseconds: Int64 = 0
  private var startedAt: Int64 = 0
  private var processorStartedAt: Int64 = 0

  /// The processor's clock is a system call: it is asked outside of the stretch that is measured.
  mutating func start() {
    processorStartedAt = ProcessorTime.own()
    startedAt = BootClock.system.now()
  }

  mutating func stop() {
    nanoseconds += BootClock.system.now() - startedAt
    processorNanoseconds += ProcessorTime.own() - processorStartedAt
  }

  /// Sleeps until so long after the start; not at all if that is past.
  func sleep(untilNanoseconds moment: Int64) {
    let rest = startedAt + moment - BootClock.system.now()
    // A signal may end it early, which a steady rate is not harmed by.
    if rest > 0 { usleep(UInt32(clamping: rest / 1000)) }
  }
}

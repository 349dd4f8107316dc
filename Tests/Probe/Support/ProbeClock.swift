import CLinux

/// Nanoseconds since the machine booted: one clock for all processes.
func bootNanoseconds() -> Int64 { linux_boottime_ns() }

/// When a command ends, counted from its start.
struct Deadline {
  private let end: Int64

  init(_ arguments: Arguments) throws {
    end = bootNanoseconds() + Int64(try arguments.number("seconds", as: Double.self) * 1e9)
  }

  var isOver: Bool { bootNanoseconds() >= end }
}

/// How a process ended.
enum ExitStatus: Equatable {
  case exited(Int32)
  case killed(signal: Int32)

  /// Reads what `waitpid(2)` stored.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7f
    self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .killed(signal: signal)
  }
}

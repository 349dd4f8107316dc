import CLinux
import Glibc

/// Signals as something to read, in the same loop as everything else (signalfd(2)).
public struct SignalReader: ~Copyable, Sendable {
  private let descriptor: Descriptor

  /// Blocks the signals in this thread, and so in those that it starts later, and reads them instead.
  public init(_ signals: [Int32]) throws(SystemCallError) {
    // pthread_sigmask answers with the error itself.
    let code = linux_block_signals(signals, Int32(signals.count))
    guard code == 0 else { throw SystemCallError("pthread_sigmask", code) }
    descriptor = Descriptor(
      owning: try systemCall("signalfd") { linux_signalfd(signals, Int32(signals.count)) })
  }

  public var number: Int32 { descriptor.number }

  /// The next signal that came; nil if there is none.
  public func next() -> Int32? {
    let signal = linux_signalfd_read(descriptor.number)
    return signal > 0 ? signal : nil
  }
}

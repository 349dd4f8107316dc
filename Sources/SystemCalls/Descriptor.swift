import CLinux
import Glibc

/// A file descriptor that closes itself.
public struct Descriptor: ~Copyable, Sendable {
  public let number: Int32

  /// Takes the descriptor over: nobody else may close it.
  public init(owning number: Int32) {
    self.number = number
  }

  deinit {
    // An error of close(2) on these descriptors leaves nothing to do: the number is gone either way.
    close(number)
  }

  /// Gives the descriptor away: whoever gets it closes it.
  public consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }

  /// open(2), always with O_CLOEXEC. `mode` counts when the file is made.
  public static func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o600
  ) throws(SystemCallError) -> Descriptor {
    Descriptor(owning: try systemCall("open") { linux_open(path, flags | O_CLOEXEC, mode) })
  }

  /// A new Unix stream socket (socket(2)), non-blocking and with SOCK_CLOEXEC.
  public static func unixStream() throws(SystemCallError) -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return Descriptor(owning: try systemCall("socket") { socket(AF_UNIX, type, 0) })
  }
}

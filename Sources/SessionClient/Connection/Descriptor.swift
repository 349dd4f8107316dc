internal import Glibc

/// A file descriptor that closes itself when its last holder lets go of it.
final class Descriptor: Sendable {
  let number: Int32

  init(owning number: Int32) {
    self.number = number
  }

  deinit {
    // Linux releases the number whatever close(2) returns, and nothing written is lost on a socket.
    close(number)
  }
}

@preconcurrency import Glibc

/// Memory at whose edge the process stops itself: at the first touch of the second page the process gets
/// SIGSTOP, and when it is continued the page is there and the touch is made. So a reader that copies to it,
/// or compares with it, stops in the middle of what it does.
final class TrapPage {
  private static let pageBytes = 4096
  /// The pages that the next touch springs. Set and looked at by one thread.
  private nonisolated(unsafe) static var armed: UnsafeMutableRawPointer?
  private nonisolated(unsafe) static var armedBytes = 0

  // Unsafe memory: mapped for this value's life, one page that is always there and some behind it.
  private let base: UnsafeMutableRawPointer
  private let bytes: Int

  /// - Parameter bytes: how many there are behind the edge, in whole pages.
  init(bytes: Int) throws {
    self.bytes = bytes
    let all = mmap(
      nil, Self.pageBytes + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let all, all != MAP_FAILED else { throw ProbeFailure("no trap: errno \(errno)") }
    base = all
  }

  deinit { munmap(base, Self.pageBytes + bytes) }

  /// Memory of which the first `before` bytes lie before the edge.
  func memory(before: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base + Self.pageBytes - before, count: before + bytes)
  }

  /// Stores bytes around the edge.
  func fill(_ bytes: [UInt8], before: Int) {
    memory(before: before).copyBytes(from: bytes)
  }

  /// The next touch behind the edge stops the process.
  func arm() {
    mprotect(base + Self.pageBytes, bytes, PROT_NONE)
    Self.armed = base + Self.pageBytes
    Self.armedBytes = bytes
    signal(SIGSEGV) { _ in
      // Calls that are safe in a handler (signal-safety(7)), and variables that are there from the start.
      guard let pages = TrapPage.armed else {
        // No touch of a trap: the default action then ends the process at the same place.
        signal(SIGSEGV, SIG_DFL)
        return
      }
      TrapPage.armed = nil
      raise(SIGSTOP)
      mprotect(pages, TrapPage.armedBytes, PROT_READ | PROT_WRITE)
    }
  }

  /// Whether the trap was sprung; it is disarmed either way.
  func disarm() -> Bool {
    let wasSprung = Self.armed == nil
    Self.armed = nil
    mprotect(base + Self.pageBytes, bytes, PROT_READ | PROT_WRITE)
    return wasSprung
  }
}

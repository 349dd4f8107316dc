@preconcurrency import Glibc

/// Memory at whose edge the process stops itself: at the first touch of the second page the process gets
/// SIGSTOP, and when it is continued the page is there and the touch is made. So a reader that copies to it,
/// or compares with it, stops in the middle of what it does.
struct TrapPage: ~Copyable {
  private static let pageBytes = 4096
  /// The trap that the next touch springs. Set and looked at by one thread.
  private nonisolated(unsafe) static var armed: UnsafeMutableRawPointer?

  // Unsafe memory: mapped for this value's life, one page that is always there and some behind it.
  private let base: UnsafeMutableRawPointer
  private let bytes: Int

  /// - Parameter bytes: how many there are behind the edge, in whole pages.
  init(bytes: Int) throws {
    self.bytes = bytes
    let all = mmap(nil, Self.pageBytes + bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let all, all != MAP_FAILED, mprotect(all, Self.pageBytes, PROT_READ | PROT_WRITE) == 0 else {
      throw ProbeFailure("no trap: errno \(errno)")
    }
    base = all
  }

  deinit { munmap(base, Self.pageBytes + bytes) }

  /// Memory of which the first `before` bytes lie before the edge.
  func memory(before: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base + Self.pageBytes - before, count: before + bytes)
  }

  /// Stores bytes around the edge.
  func fill(_ bytes: [UInt8], before: Int) {
    open()
    memory(before: before).copyBytes(from: bytes)
  }

  private func open() { mprotect(base + Self.pageBytes, bytes, PROT_READ | PROT_WRITE) }

  /// The next touch behind the edge stops the process.
  func arm() {
    mprotect(base + Self.pageBytes, bytes, PROT_NONE)
    Self.edge = (base + Self.pageBytes, bytes)
    Self.armed = base + Self.pageBytes
    signal(SIGSEGV) { _ in
      // Calls that are safe in a handler (signal-safety(7)), and variables that are there from the start.
      guard TrapPage.armed != nil else {
        // No touch of a trap: the default action then ends the process at the same place.
        signal(SIGSEGV, SIG_DFL)
        return
      }
      TrapPage.armed = nil
      raise(SIGSTOP)
      mprotect(TrapPage.edge.start, TrapPage.edge.bytes, PROT_READ | PROT_WRITE)
    }
  }

  private nonisolated(unsafe) static var edge: (start: UnsafeMutableRawPointer?, bytes: Int) = (nil, 0)

  /// Whether the trap was sprung; it is disarmed either way.
  func disarm() -> Bool {
    defer {
      Self.armed = nil
      open()
    }
    return Self.armed == nil
  }
}

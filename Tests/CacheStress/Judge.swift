import TestSupport

/// What one reader has seen, and whether it may see what it sees next: values that prove themselves, no
/// older than what was written before the read began, and never going back.
struct Judge {
  private let shared: SharedCache
  private var latest: [Int64]

  init(_ shared: SharedCache) {
    self.shared = shared
    latest = Array(repeating: 0, count: shared.plan.sessions)
  }

  /// - Parameter written: the number of the last value known before the read began.
  mutating func see(_ bytes: UnsafeRawBufferPointer, of session: Int, written: Int64) -> Int64? {
    guard let value = ProvingValue(proving: bytes), value.session == session else {
      shared.fail("session \(session): a torn value of \(bytes.count) bytes")
      return nil
    }
    if value.counter < written {
      shared.fail("session \(session): \(value.counter), though \(written) was written before")
    }
    if value.counter < latest[session] {
      shared.fail("session \(session): \(value.counter), though this reader has seen \(latest[session])")
    }
    latest[session] = max(latest[session], value.counter)
    return value.counter
  }

  func see(pair text: UnsafeRawBufferPointer, beside counter: Int64, of session: Int) {
    guard text.elementsEqual("\(counter)".utf8) else {
      return shared.fail("session \(session): half of a change beside \(counter)")
    }
  }

  /// The session is there, and the key is not.
  func seeNoKey(of session: Int, written: Int64) {
    // Only its writer takes keys out of a session, and says before which value was the last one.
    if shared.removed(session) < written {
      shared.fail("session \(session): no key, though \(written) was written and not removed")
    }
  }

  func seeTime(end: Int64, now: Int64, of session: Int) {
    if end <= now { shared.fail("session \(session): read after its end") }
  }
}

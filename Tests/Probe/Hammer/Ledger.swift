import CLinux
import Glibc
import Synchronization

/// What the writers know to be done, in a file that all processes map: readers judge by it.
///
/// Each word has one writer. It is stored after the daemon has acknowledged what it says, and loaded before
/// a read begins, so that a read that sees less than it says has seen the past.
final class Ledger: Sendable {
  /// For each session: when it was removed last, when it must be gone, and then the writers' words.
  private static let sessionWords = 2
  /// For each writer: the number of its last value, of the one that it began to write, when the last one
  /// was begun, and when its keys were removed last.
  private static let writerWords = 4

  // Safe to share: memory that is mapped until the process ends, used as atomics only.
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<Int64>>
  private let plan: HammerPlan

  init(_ path: String, _ plan: HammerPlan) throws {
    self.plan = plan
    let bytes = plan.sessions * (Self.sessionWords + plan.writers * Self.writerWords) * 8
    let descriptor = linux_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, bytes) == 0,
      let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), address != MAP_FAILED
    else { throw ProbeFailure("can't map \(path): errno \(errno)") }
    close(descriptor)
    // An Atomic<Int64> has the representation of an Int64, and zero is a good one.
    words = address.assumingMemoryBound(to: Atomic<Int64>.self)
  }

  private func word(_ session: Int, _ number: Int) -> UnsafeMutablePointer<Atomic<Int64>> {
    words + session * (Self.sessionWords + plan.writers * Self.writerWords) + number
  }

  private func word(_ session: Int, writer: Int, _ number: Int) -> UnsafeMutablePointer<Atomic<Int64>> {
    word(session, Self.sessionWords + writer * Self.writerWords + number)
  }
}

// Sequentially consistent all through, which is the simplest to think about.
extension Ledger {
  /// What a read of a writer's value that begins now must see.
  struct Expectation {
    /// This value or a later one.
    let counter: Int64
    /// Or none, if it was removed after this moment.
    let began: Int64
    /// Or none, if the read begins after this moment; 0: it does not expire.
    let goneAfter: Int64
  }

  func expectation(_ session: Int, _ writer: Int) -> Expectation {
    // The number first: a moment that is loaded later may belong to a later value only, which the number
    // then makes no claim about.
    let counter = word(session, writer: writer, 0).pointee.load(ordering: .sequentiallyConsistent)
    let began = word(session, writer: writer, 2).pointee.load(ordering: .sequentiallyConsistent)
    let goneAfter = word(session, 1).pointee.load(ordering: .sequentiallyConsistent)
    return Expectation(counter: counter, began: began, goneAfter: goneAfter)
  }

  /// The last value that may have been written by now.
  func latestCounter(_ session: Int, _ writer: Int) -> Int64 {
    word(session, writer: writer, 1).pointee.load(ordering: .sequentiallyConsistent)
  }

  /// Whether a value that was written after a moment may have been removed by now.
  func mayBeRemoved(_ session: Int, _ writer: Int, writtenAfter moment: Int64) -> Bool {
    word(session, 0).pointee.load(ordering: .sequentiallyConsistent) >= moment
      || word(session, writer: writer, 3).pointee.load(ordering: .sequentiallyConsistent) >= moment
  }

  func mayBeRemoved(_ session: Int, writtenAfter moment: Int64) -> Bool {
    word(session, 0).pointee.load(ordering: .sequentiallyConsistent) >= moment
  }
}

extension Ledger {
  func willWrite(_ session: Int, _ writer: Int, _ counter: Int64) {
    word(session, writer: writer, 1).pointee.store(counter, ordering: .sequentiallyConsistent)
    // Only the owner of a lone session ever sets this word, and nobody else writes to such a session.
    if plan.isLone(session) { word(session, 1).pointee.store(0, ordering: .sequentiallyConsistent) }
  }

  func didWrite(_ session: Int, _ writer: Int, _ counter: Int64, began: Int64) {
    word(session, writer: writer, 2).pointee.store(began, ordering: .sequentiallyConsistent)
    word(session, writer: writer, 0).pointee.store(counter, ordering: .sequentiallyConsistent)
  }

  /// From now on the session may be gone.
  func willRemove(_ session: Int) {
    word(session, 0).pointee.store(.max, ordering: .sequentiallyConsistent)
  }

  /// It was removed before this moment, and is not being removed.
  func didRemove(_ session: Int, by moment: Int64) {
    word(session, 0).pointee.store(moment, ordering: .sequentiallyConsistent)
  }

  func willRemoveKeys(_ session: Int, _ writer: Int) {
    word(session, writer: writer, 3).pointee.store(.max, ordering: .sequentiallyConsistent)
  }

  func didRemoveKeys(_ session: Int, _ writer: Int, by moment: Int64) {
    word(session, writer: writer, 3).pointee.store(moment, ordering: .sequentiallyConsistent)
  }

  /// After this moment nobody may see the session, until it is written again.
  func expires(_ session: Int, by moment: Int64) {
    word(session, 1).pointee.store(moment, ordering: .sequentiallyConsistent)
  }
}

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

  private let words: SharedWords
  private let plan: HammerPlan

  init(_ path: String, _ plan: HammerPlan) throws {
    self.plan = plan
    words = try SharedWords(
      path, count: plan.sessions * (Self.sessionWords + plan.writers * Self.writerWords))
  }

  private func place(_ session: Int, _ number: Int) -> Int {
    session * (Self.sessionWords + plan.writers * Self.writerWords) + number
  }

  private func place(_ session: Int, writer: Int, _ number: Int) -> Int {
    place(session, Self.sessionWords + writer * Self.writerWords + number)
  }
}

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
    let counter = words[place(session, writer: writer, 0)]
    let began = words[place(session, writer: writer, 2)]
    let goneAfter = words[place(session, 1)]
    return Expectation(counter: counter, began: began, goneAfter: goneAfter)
  }

  /// The last value that may have been written by now.
  func latestCounter(_ session: Int, _ writer: Int) -> Int64 {
    words[place(session, writer: writer, 1)]
  }

  /// Whether a value that was written after a moment may have been removed by now.
  func mayBeRemoved(_ session: Int, _ writer: Int, writtenAfter moment: Int64) -> Bool {
    words[place(session, 0)] >= moment
      || words[place(session, writer: writer, 3)] >= moment
  }

  func mayBeRemoved(_ session: Int, writtenAfter moment: Int64) -> Bool {
    words[place(session, 0)] >= moment
  }
}

extension Ledger {
  func willWrite(_ session: Int, _ writer: Int, _ counter: Int64) {
    words[place(session, writer: writer, 1)] = counter
    // Only the owner of a lone session ever sets this word, and nobody else writes to such a session.
    if plan.isLone(session) { words[place(session, 1)] = 0 }
  }

  func didWrite(_ session: Int, _ writer: Int, _ counter: Int64, began: Int64) {
    words[place(session, writer: writer, 2)] = began
    words[place(session, writer: writer, 0)] = counter
  }

  /// From now on the session may be gone.
  func willRemove(_ session: Int) {
    words[place(session, 0)] = .max
  }

  /// It was removed before this moment, and is not being removed.
  func didRemove(_ session: Int, by moment: Int64) {
    words[place(session, 0)] = moment
  }

  func willRemoveKeys(_ session: Int, _ writer: Int) {
    words[place(session, writer: writer, 3)] = .max
  }

  func didRemoveKeys(_ session: Int, _ writer: Int, by moment: Int64) {
    words[place(session, writer: writer, 3)] = moment
  }

  /// After this moment nobody may see the session, until it is written again.
  func expires(_ session: Int, by moment: Int64) {
    words[place(session, 1)] = moment
  }
}

/// Decides whether to look for the next message for a while before sleeping. Told of gaps and moments; asks no clock.
/// Pure.
///
/// To fall asleep and be woken costs time and processor time. A look that soon finds something costs less of either;
/// one that finds nothing is lost. So it looks while messages follow each other closely, and not otherwise:
///
/// - It sleeps until some messages in a row have come closely. Whether the peer is fast can't be told from that, since
///   whoever sleeps sees his own wake-up in each gap, and his peer's as well. So as long as no message came within the
///   budget it looks a wake-up longer than that, and finds what a sleeping peer sends, who sees faster answers from
///   then on. Two that both sleep could not begin to look otherwise.
/// - Looks are paid out of a purse. Each found message saves something; each look in vain costs as long as it took, and
///   so does the time for which others had the processor during a look, since a thread that sleeps is let through
///   sooner by the kernel than one that looks all the time. Besides, one nanosecond in `idleShare` comes in. Whose purse
///   is empty sleeps until it is full.
///
/// So looking costs no more than it saves, but for that share of the time and one purse, and what is lost at a time beyond
/// `debtMost`; and where looks do pay, the full purse bears some in vain. Where all gaps are longer than the budget and `wakeUps`, it never looks.
///
/// For each message `came` is told; before it, `foundNothing` or `heldUp` where looking for the same message was given
/// up.
public struct AdaptivePolling: Sendable {
  /// Nanoseconds; a longer budget counts as this.
  public static let budgetMost: UInt64 = 1_000_000_000
  /// Nanoseconds by which a gap that ended in sleep may be longer than the budget and still passes for a close one:
  /// this thread's wake-up and its peer's, of some 20 to 50 µs each.
  public static let wakeUps: UInt64 = 100_000
  /// When two looks lie further apart than so many nanoseconds, the thread was held up between them: by others who want
  /// its processor, if there was a `Preemption`.
  public static let heldUpAfter: UInt64 = 50_000
  /// So many close messages in a row are wanted before it looks.
  public static let streakLeast = 4
  /// Nanoseconds of processor time that a message saves, at the least, which is found within the budget.
  public static let savedByHit: UInt64 = 4_000
  /// One part in so many of the time may be lost on looks.
  public static let idleShare: UInt64 = 64
  /// The purse holds so many of the longest looks.
  public static let looksInPurse: UInt64 = 16
  /// Nanoseconds that it may owe at most: that it sleeps for two thirds of a second, and the time for a purse.
  public static let debtMost: UInt64 = 10_000_000

  /// Nanoseconds; 0: never looks.
  public let budget: UInt64
  /// Nanoseconds; less than 0: owed.
  private var purse: Int64
  /// It sleeps until the purse is full.
  private var isSaving = false
  /// Close messages in a row, up to `streakLeast`.
  private var streak = 0
  /// The last message came within the budget.
  private var isFast = false
  /// When the last message came.
  private var last: Int64?

  /// - Parameter budget: nanoseconds; 0: never.
  public init(budget: UInt64) {
    self.budget = min(budget, Self.budgetMost)
    purse = Self.purseMost(budget: self.budget)
  }

  /// How long to look before sleeping, nanoseconds, now: the budget if the last message came within it, a wake-up more
  /// if others did not, or 0.
  public var patience: UInt64 {
    guard budget > 0, !isSaving, streak == Self.streakLeast else { return 0 }
    return isFast ? budget : budget + Self.wakeUps / 2
  }

  /// A message came.
  ///
  /// - Parameters:
  ///   - gap: nanoseconds since waiting for it began.
  ///   - isFound: found by looking; else it woke the thread.
  ///   - now: nanoseconds of any clock, always the same one.
  public mutating func came(after gap: UInt64, isFound: Bool, at now: Int64) {
    guard budget > 0 else { return }
    earn(UInt64(clamping: now.subtractingReportingOverflow(last ?? now).partialValue) / Self.idleShare)
    last = now
    isFast = gap <= budget
    if isFound { isFast ? earn(Self.savedByHit) : spend(gap) }
    streak = gap <= budget + Self.wakeUps ? min(streak + 1, Self.streakLeast) : 0
  }

  /// Looking found nothing within the patience.
  public mutating func foundNothing() {
    giveUp(patience)
  }

  /// While it looked, others had the thread's processor for so many nanoseconds (`Preemption`).
  public mutating func heldUp(for nanoseconds: UInt64) {
    giveUp(nanoseconds)
  }

  /// A message was found, but somebody had to be woken all the same.
  public mutating func savedNothing() {
    guard budget > 0 else { return }
    spend(Self.savedByHit)
  }

  private mutating func giveUp(_ cost: UInt64) {
    guard patience > 0 else { return }
    spend(cost)
    isFast = false
  }

  private mutating func earn(_ nanoseconds: UInt64) {
    let most = Self.purseMost(budget: budget)
    purse = min(most, purse + Int64(min(nanoseconds, UInt64(most) + Self.debtMost)))
    if purse == most { isSaving = false }
  }

  private mutating func spend(_ nanoseconds: UInt64) {
    purse = max(-Int64(Self.debtMost), purse - Int64(clamping: min(nanoseconds, Self.budgetMost * 2)))
    if purse <= 0 { isSaving = true }
  }

  private static func purseMost(budget: UInt64) -> Int64 {
    Int64(looksInPurse * (budget + wakeUps / 2))
  }
}

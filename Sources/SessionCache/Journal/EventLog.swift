import Synchronization
import SystemCalls

/// What happened to the sessions lately, in order, for those who watch. It begins with the first watcher, goes on
/// for a while after the last one, so that one that comes back misses nothing, and costs nothing otherwise.
///
/// Each event has a number, one higher than that of the event before. No number is given twice, also by another
/// daemon on the same segment: the log begins behind the last number that the segment knows of and not below the
/// wall clock in microseconds, so that numbers grow even when a segment is lost. Where the log begins, or begins
/// again after it was off, a number is left out: who has seen an earlier one learns that it missed something.
public final class EventLog: @unchecked Sendable {
  /// How many events are kept, and how many bytes of them, ids included.
  public static let eventsMost = 65_536
  public static let bytesMost = 8 << 20
  /// How long it goes on when nobody watches any more, in nanoseconds: longer than a watcher takes to come back.
  public static let retention: Int64 = 600_000_000_000
  /// Numbers are below it, so that every JSON reader holds them exactly.
  private static let numbersEnd: UInt64 = 1 << 53

  /// What a watcher finds.
  public struct Extent: Sendable, Equatable {
    /// The number of the last event, or the one that was left out before the first.
    public let last: UInt64
    /// Of the events behind this number, or a later one, none is missing.
    public let completeAfter: UInt64
  }

  public enum Reading: Sendable, Equatable {
    /// Some events; there may be more.
    case some
    case upToDate
    /// Events behind the number are gone.
    case overtaken
  }

  // Safe to share: everything that changes is atomic or guarded by `lock`, which may be taken under a shard's
  // lock and under which no other is taken.
  private let lock = MutexLock()
  private let isOn = Atomic<Bool>(false)
  /// Whether something was appended that the listeners were not woken for.
  private let hasNews = Atomic<Bool>(false)
  private let newest: Atomic<UInt64>
  private var ring: EventRing?
  private var listeners: [(listener: EventListener, watchers: Int)] = []
  /// When it was first seen that nobody watches any more.
  private var unwatchedSince: Int64?
  private let eventsMost: Int
  private let bytesMost: Int
  private let keepNumber: @Sendable (UInt64) -> Void
  private let wakeReclaimer: @Sendable () -> Void

  /// - Parameters:
  ///   - last: the last number that was given on this segment.
  ///   - keepNumber: called with each number that is given, under the lock, so that a daemon that comes after
  ///     this one knows it.
  ///   - wakeReclaimer: called when `retire` has something to do.
  init(
    last: UInt64, eventsMost: Int = EventLog.eventsMost, bytesMost: Int = EventLog.bytesMost,
    keepNumber: @escaping @Sendable (UInt64) -> Void, wakeReclaimer: @escaping @Sendable () -> Void
  ) {
    // Far beyond any clock it is damage, which must not use the numbers up.
    newest = Atomic(last < Self.numbersEnd / 2 ? last : 0)
    self.eventsMost = eventsMost
    self.bytesMost = bytesMost
    self.keepNumber = keepNumber
    self.wakeReclaimer = wakeReclaimer
  }

  // MARK: Writing

  /// Notes what has happened to a session; visible already to who reads it. By who holds the session's shard's
  /// lock, so that the events of a session are in the order of its changes. While the log is off it costs a
  /// load and a branch.
  ///
  /// Once the shard's lock is let go, `wakeListeners` makes it known.
  ///
  /// - Parameters:
  ///   - id: at most 255 bytes, and `to` too.
  ///   - to: the new id of one that was renamed.
  @inline(__always)
  func append(
    _ kind: EventKind, _ id: UnsafeRawBufferPointer, version: UInt64, to: UnsafeRawBufferPointer? = nil
  ) {
    // Relaxed: see `SessionCache.watchEvents`, which waits for those who may have seen it off.
    guard isOn.load(ordering: .relaxed) else { return }
    appendWatched(kind, id, version, to)
  }

  @inline(never)
  private func appendWatched(
    _ kind: EventKind, _ id: UnsafeRawBufferPointer, _ version: UInt64, _ to: UnsafeRawBufferPointer?
  ) {
    lock.withLock {
      guard let ring else { return }
      ring.append(kind, id, version: version, to: to)
      give(ring.next - 1)
    }
    hasNews.store(true, ordering: .releasing)
  }

  /// Wakes the listeners if there are events that they were not woken for; by who has appended some, with no
  /// lock held.
  ///
  /// - Parameter own: the listener of the calling thread, which looks by itself.
  public func wakeListeners(but own: EventListener? = nil) {
    // Relaxed: this thread stored it itself, or has nothing to tell.
    guard hasNews.load(ordering: .relaxed) else { return }
    guard hasNews.exchange(false, ordering: .acquiringAndReleasing) else { return }
    let listeners = lock.withLock { self.listeners }
    for entry in listeners where entry.listener !== own { entry.listener.call() }
  }

  // MARK: Watching

  /// One more watcher, who reads as the listener. Turns the log on if it is off.
  ///
  /// - Parameter wallClock: nanoseconds since 1970.
  /// - Returns: what there is, and whether the log was off: then a change that is not visible to everybody yet may
  ///   not be in it.
  func join(_ listener: EventListener, wallClock: Int64) -> (extent: Extent, wasOff: Bool) {
    lock.withLock {
      if let index = listeners.firstIndex(where: { $0.listener === listener }) {
        listeners[index].watchers += 1
      } else {
        listeners.append((listener, 1))
      }
      unwatchedSince = nil
      if let ring { return (extent(of: ring), false) }
      let microseconds = min(UInt64(max(0, wallClock)) / 1000, Self.numbersEnd / 2)
      let leftOut = max(newest.load(ordering: .relaxed) + 1, microseconds)
      let ring = EventRing(next: leftOut + 1, eventsMost: eventsMost, bytesMost: bytesMost)
      self.ring = ring
      give(leftOut)
      isOn.store(true, ordering: .sequentiallyConsistent)
      return (extent(of: ring), true)
    }
  }

  /// A watcher who had joined is gone.
  public func leave(_ listener: EventListener) {
    let isLast = lock.withLock {
      guard let index = listeners.firstIndex(where: { $0.listener === listener }) else { return false }
      listeners[index].watchers -= 1
      if listeners[index].watchers == 0 { listeners.remove(at: index) }
      return listeners.isEmpty
    }
    if isLast { wakeReclaimer() }
  }

  /// The number of the last event; without a lock, and so perhaps that of an earlier one.
  public var lastNumber: UInt64 { newest.load(ordering: .relaxed) }

  /// Bytes of memory that the events take which are kept.
  var byteCount: Int { lock.withLock { ring?.byteCount ?? 0 } }

  /// Copies events out, those behind a number.
  ///
  /// - Parameters:
  ///   - bytesMost: so many bytes of them at most, but at least one event: the lock is held for the time of copying
  ///     them.
  ///   - portion: gets them; unchanged where there are none.
  public func read(
    after number: UInt64, bytesMost: Int, into portion: inout EventPortion
  ) -> Reading {
    lock.withLock {
      guard let ring, number >= ring.first - 1 else { return .overtaken }
      guard number < ring.next - 1 else { return .upToDate }
      ring.copy(after: number, bytesMost: bytesMost, to: &portion)
      return .some
    }
  }

  /// The number behind which none of the events is missing, as far as they are kept.
  public var completeAfter: UInt64 {
    lock.withLock { ring.map { $0.first - 1 } ?? newest.load(ordering: .relaxed) }
  }

  /// Turns the log off, and gives its memory back, when nobody has watched for as long as the retention.
  ///
  /// - Parameter now: nanoseconds of CLOCK_BOOTTIME.
  /// - Returns: when to come again, `Int64.max` for not before `wakeReclaimer` is called.
  func retire(at now: Int64) -> Int64 {
    guard isOn.load(ordering: .relaxed) else { return .max }
    var retired: EventRing?
    let next: Int64 = lock.withLock {
      guard listeners.isEmpty, ring != nil else { return .max }
      let since = unwatchedSince ?? now
      unwatchedSince = since
      guard now - since >= Self.retention else { return since + Self.retention }
      isOn.store(false, ordering: .relaxed)
      swap(&retired, &ring)
      return .max
    }
    // Its memory goes back to the system here, with no lock held.
    retired = nil
    return next
  }

  // MARK: Under the lock

  private func extent(of ring: EventRing) -> Extent {
    Extent(last: ring.next - 1, completeAfter: ring.first - 1)
  }

  /// A number is taken: known to whoever comes later before anybody is told.
  private func give(_ number: UInt64) {
    keepNumber(number)
    newest.store(number, ordering: .relaxed)
  }
}

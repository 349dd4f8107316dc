import SessionWire
import Synchronization
import SystemCalls

/// What one reactor thread counts. That thread alone writes, any may read.
final class ReactorStatistics: Sendable {
  private final class PerCommand: Sendable {
    let latency = LatencyHistogram()
    let errors = Atomic<UInt64>(0)
  }

  private let commands: [PerCommand] = Command.allCases.map { _ in PerCommand() }
  let hits = Atomic<UInt64>(0)
  let misses = Atomic<UInt64>(0)
  let sets = Atomic<UInt64>(0)
  let full = Atomic<UInt64>(0)
  /// Descriptors of the segment that were handed out.
  let maps = Atomic<UInt64>(0)
  /// Reads out of their mappings that clients have told of.
  let mappedHits = Atomic<UInt64>(0)
  /// Connections that were closed because the peer was too slow to finish a line or to take its events, or
  /// because too much was held for its user.
  let dropped = Atomic<UInt64>(0)
  /// How often the next request was looked for and found, and not found in time.
  let goodPolls = Atomic<UInt64>(0)
  let vainPolls = Atomic<UInt64>(0)
  /// Lines that named no command.
  let unknown = Atomic<UInt64>(0)
  /// Which sessions its clients use most.
  private let busy = Guarded(BusyWindow())

  func count(_ counter: borrowing Atomic<UInt64>) {
    LatencyHistogram.add(1, to: counter)
  }

  /// Clients may tell what they like. The sum stays where those of all reactors together fit 63 bits.
  func addMappedHits(_ hits: UInt64) {
    let sum = mappedHits.load(ordering: .relaxed) + min(hits, Self.mappedHitsMost)
    mappedHits.store(min(sum, Self.mappedHitsMost), ordering: .relaxed)
  }

  private static let mappedHitsMost: UInt64 = 1 << 56

  /// Counts a use of a session that was sampled. While another thread reads, it is left out: nobody waits here.
  ///
  /// - Parameter id: at most 255 bytes.
  func noteUse(of id: Span<UInt8>, at now: Int64) {
    _ = busy.withLockIfFree { $0.add(id, at: now) }
  }

  /// Adds how often each of the sessions used most was sampled of late.
  func addSamples(to samples: inout [[UInt8]: Double], at now: Int64) {
    busy.withLock { $0.add(to: &samples, at: now) }
  }

  func record(_ command: Command?, failed: Bool, nanoseconds: Int64) {
    guard let command else { return count(unknown) }
    let entry = commands[Int(command.rawValue)]
    entry.latency.record(nanoseconds)
    if failed { count(entry.errors) }
  }

  func add(_ command: Command, to summary: inout LatencyHistogram.Summary) {
    summary.add(commands[Int(command.rawValue)].latency)
  }

  func errors(_ command: Command) -> UInt64 {
    commands[Int(command.rawValue)].errors.load(ordering: .relaxed)
  }
}

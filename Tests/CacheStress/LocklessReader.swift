import SessionSegment
import Synchronization
import TestSupport

/// Reads the sessions out of the mapping as the client library does, without a lock.
struct LocklessReader: ~Copyable {
  private let shared: SharedCache
  private var random: SplitMix64
  private var judge: Judge
  // Unsafe memory: this reader's own, which it frees at its end.
  private let buffer: UnsafeMutableRawBufferPointer

  init(_ shared: SharedCache, _ seed: UInt64) {
    self.shared = shared
    random = SplitMix64(seed: seed)
    judge = Judge(shared)
    buffer = .allocate(byteCount: 1 << 17, alignment: 8)
  }

  deinit { buffer.deallocate() }

  consuming func run() {
    while !shared.isOver {
      let session = random.pick(shared.plan.sessions)
      let written = shared.written(session)
      let now = shared.now.load(ordering: .relaxed)
      switch random.pick(8) {
      case 0: readTimes(session, now)
      case 1, 2: readRecord(session, written, now)
      default: readValue(session, written, now)
      }
    }
  }

  private mutating func readValue(_ session: Int, _ written: Int64, _ now: Int64) {
    let outcome = shared.ids[session].withUnsafeBytes { id in
      SharedCache.key.withUnsafeBytes { key in shared.reader.value(id, key, at: now, into: buffer) }
    }
    guard let found = found(outcome, session, written, now) else { return }
    _ = judge.see(UnsafeRawBufferPointer(rebasing: buffer[found.bytes]), of: session, written: written)
  }

  private mutating func readRecord(_ session: Int, _ written: Int64, _ now: Int64) {
    let outcome = shared.ids[session].withUnsafeBytes { shared.reader.record($0, at: now, into: buffer) }
    guard let found = found(outcome, session, written, now) else { return }
    // The record was checked by the reader, and lies in the buffer as long as this call lasts.
    let record = RecordView(at: buffer.baseAddress! + found.bytes.lowerBound)
    var counter: Int64?
    var pairs = 0
    record.forEachField { key, value in
      value.withUnsafeBytes { bytes in
        if key.count == SharedCache.key.count {
          counter = judge.see(bytes, of: session, written: written)
        } else if let counter {
          judge.see(pair: bytes, beside: counter, of: session)
          pairs += 1
        }
      }
    }
    if let counter, pairs != 1 {
      shared.fail("session \(session): \(pairs) numbers beside \(counter)")
    }
  }

  private func readTimes(_ session: Int, _ now: Int64) {
    shared.locklessReads.wrappingAdd(1, ordering: .relaxed)
    guard let heading = shared.ids[session].withUnsafeBytes({ shared.reader.heading($0, at: now) }) else {
      return
    }
    judge.seeTime(end: heading.end, now: now, of: session)
  }

  /// Counts what came of a read; what was found, if anything.
  private func found(
    _ outcome: SegmentReader.Outcome, _ session: Int, _ written: Int64, _ now: Int64
  ) -> SegmentReader.Found? {
    shared.locklessReads.wrappingAdd(1, ordering: .relaxed)
    switch outcome {
    case .found(let found):
      judge.seeTime(end: found.deadline, now: now, of: session)
      return found
    case .noSuchKey(let found):
      judge.seeTime(end: found.deadline, now: now, of: session)
      judge.seeNoKey(of: session, written: written)
    case .missing: shared.misses.wrappingAdd(1, ordering: .relaxed)
    case .doubt: shared.doubts.wrappingAdd(1, ordering: .relaxed)
    case .superseded, .needs: shared.fail("session \(session): \(outcome)")
    }
    return nil
  }
}

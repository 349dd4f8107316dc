import SessionCache
import SessionSegment
import Synchronization
import TestSupport

/// Reads the sessions under their shards' locks, as the daemon's GET does.
struct LockedReader {
  private let shared: SharedCache
  private var random: SplitMix64
  private var judge: Judge

  init(_ shared: SharedCache, _ seed: UInt64) {
    self.shared = shared
    random = SplitMix64(seed: seed)
    judge = Judge(shared)
  }

  consuming func run() {
    while !shared.isOver {
      let session = random.pick(shared.plan.sessions)
      let written = shared.written(session)
      let now = shared.now.load(ordering: .relaxed)
      let id = shared.ids[session]
      let key = SharedCache.key
      let value = shared.cache.read(id.span, at: now, sliding: true) { record -> [UInt8]? in
        record.withValue(of: key.span) { value in value.withUnsafeBytes { Array($0) } }
      }
      shared.lockedReads.wrappingAdd(1, ordering: .relaxed)
      switch value {
      case nil: shared.misses.wrappingAdd(1, ordering: .relaxed)
      case .some(nil): judge.seeNoKey(of: session, written: written)
      case .some(let bytes?):
        bytes.withUnsafeBytes { _ = judge.see($0, of: session, written: written) }
      }
    }
  }
}

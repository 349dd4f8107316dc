import SessionCache
import SessionSegment
import Synchronization
import TestSupport

/// Writes values that prove themselves to the sessions that are its own, and ends them now and then.
struct StressWriter {
  private let shared: SharedCache
  private let number: Int
  private var random: SplitMix64
  private var edits: FieldEdits
  private var counters: [Int64]

  init(_ shared: SharedCache, _ number: Int, _ seed: UInt64) {
    self.shared = shared
    self.number = number
    random = SplitMix64(seed: seed)
    edits = FieldEdits(seed: shared.cache.hashSeed)
    counters = Array(repeating: 0, count: shared.plan.sessions)
  }

  consuming func run() {
    while !shared.isOver {
      let session = random.pick(shared.plan.sessions / shared.plan.writers) * shared.plan.writers + number
      let id = shared.ids[session]
      let now = shared.now.load(ordering: .relaxed)
      do throws(CacheError) {
        switch random.pick(32) {
        case 0:
          shared.noteRemoved(session, counters[session])
          _ = try shared.cache.remove(id.span, at: now)
        case 1:
          shared.noteRemoved(session, counters[session])
          try removeKeys(id, now)
        case 2:
          _ = try shared.cache.setTTL(id.span, to: Int64(1 + random.pick(4)) * SharedCache.second, at: now)
        default: try write(session, id, now)
        }
      } catch {
        shared.fail("a change was refused: \(error)")
      }
    }
  }

  /// The value under one key, its number under another, in one step.
  private mutating func write(_ session: Int, _ id: [UInt8], _ now: Int64) throws(CacheError) {
    counters[session] += 1
    let counter = counters[session]
    let filler = random.length(most: shared.plan.fillerMost(session))
    let value = ProvingValue(counter: counter, writer: number, session: session, filler: filler)
    let keys = SharedCache.key + SharedCache.pairKey
    let numberStart = keys.count + value.bytes.count
    let bytes = keys + value.bytes + Array("\(counter)".utf8)
    edits.removeAll()
    edits.add(key: 0..<SharedCache.key.count, value: keys.count..<numberStart, in: bytes.span)
    edits.add(
      key: SharedCache.key.count..<keys.count, value: numberStart..<bytes.count, in: bytes.span)
    _ = try shared.cache.write(id.span, &edits, of: bytes.span, .init(), at: now)
    shared.noteWritten(session, counter)
    shared.writes.wrappingAdd(1, ordering: .relaxed)
  }

  private mutating func removeKeys(_ id: [UInt8], _ now: Int64) throws(CacheError) {
    let keys = SharedCache.key + SharedCache.pairKey
    edits.removeAll()
    edits.add(key: 0..<SharedCache.key.count, value: nil, in: keys.span)
    edits.add(key: SharedCache.key.count..<keys.count, value: nil, in: keys.span)
    _ = try shared.cache.removeKeys(id.span, &edits, of: keys.span, at: now)
  }
}

import SessionSegment
import Synchronization
import SystemCalls

/// Which sessions have a tag: in the process's own memory, made anew from the records at a start.
///
/// It holds 16 bytes for each tag of each session, by hashes only, so that a tag which one user's session has costs
/// no more than one that all have. Who looks something up here looks at the records too, under their shards' locks,
/// and so finds neither a session that only has the same hash nor one that has lost the tag; and finds all that have
/// it, since a pair is added before its record is published, and taken out when that has left the index, both under
/// the session's shard lock.
final class TagIndex: Sendable {
  private final class Shard: @unchecked Sendable {
    // Safe to share: `pairs` is guarded by the lock.
    let lock = MutexLock()
    var pairs = TagPairList()
  }

  private static let shardBits = 6
  private let shards = (0..<1 << shardBits).map { _ in Shard() }
  private let seed: HashSeed
  private let moveCount = Atomic<Int>(0)

  /// With a store behind the cache, which knows of more sessions than memory, the index stays empty.
  private let isKept: Bool

  init(seed: HashSeed, isKept: Bool) {
    self.seed = seed
    self.isKept = isKept
  }

  /// How often a session with tags was given another id.
  var moves: Int { moveCount.load(ordering: .acquiring) }

  /// After a session's tags were added under its new hash, and before they are taken out under the old one. Under the
  /// locks of both shards.
  func noteMove() { moveCount.wrappingAdd(1, ordering: .acquiringAndReleasing) }

  func hash(_ tag: UnsafeRawBufferPointer) -> UInt64 { SessionHash(tag, seed: seed).bits }

  /// Adds a record's tags under its session's hash. Under the lock of the session's shard.
  func add(_ record: borrowing RecordView, _ session: SessionHash) {
    guard isKept, record.tagCount > 0 else { return }
    record.forEachTag { add($0, session) }
  }

  /// Takes a record's tags out. Under the lock of the session's shard.
  func remove(_ record: borrowing RecordView, _ session: SessionHash) {
    guard isKept, record.tagCount > 0 else { return }
    record.forEachTag { remove($0, session) }
  }

  func add(_ tag: UnsafeRawBufferPointer, _ session: SessionHash) {
    let pair = TagPair(tag: hash(tag), session: session.bits)
    let shard = shard(pair.tag)
    shard.lock.withLock { shard.pairs.insert(pair) }
  }

  func remove(_ tag: UnsafeRawBufferPointer, _ session: SessionHash) {
    let pair = TagPair(tag: hash(tag), session: session.bits)
    let shard = shard(pair.tag)
    let wasThere = shard.lock.withLock { shard.pairs.remove(pair) }
    assert(wasThere, "a tag was not in the index")
  }

  /// Takes over the pairs of a segment that was there, in any order.
  func adopt(_ pairs: [TagPair]) {
    guard isKept else { return }
    var rest = pairs.sorted()[...]
    for (number, shard) in shards.enumerated() {
      let end = rest.partitioningIndex { Self.shardNumber($0.tag) > number }
      shard.lock.withLock { shard.pairs = TagPairList(sorted: rest[..<end]) }
      rest = rest[end...]
    }
  }

  /// Hashes of sessions that may have the tag, from `session` on, in order, at most `limit`.
  func sessions(of tag: UInt64, from session: UInt64, limit: Int) -> [UInt64] {
    let shard = shard(tag)
    return shard.lock.withLock { shard.pairs.sessions(of: tag, from: session, limit: limit) }
  }

  /// How many tags all sessions have together, and how many bytes the index has.
  var size: (pairs: Int, bytes: Int) {
    shards.reduce(into: (0, 0)) { sum, shard in
      let (pairs, chunks) = shard.lock.withLock { (shard.pairs.count, shard.pairs.chunkCount) }
      sum.0 += pairs
      sum.1 += chunks * TagPairList.chunkBytes
    }
  }

  /// All pairs in order, for tests.
  var all: [TagPair] { shards.flatMap { shard in shard.lock.withLock { shard.pairs.all } } }

  private func shard(_ tag: UInt64) -> Shard { shards[Self.shardNumber(tag)] }
  private static func shardNumber(_ tag: UInt64) -> Int { Int(tag >> UInt64(64 - shardBits)) }
}

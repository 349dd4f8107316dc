/// Who works on the cache in one part of the stress.
struct StressPlan: Sendable {
  let name: String
  let sessions: Int
  let writers: Int
  let locklessReaders: Int
  let lockedReaders: Int
  /// Whether sessions expire and are listed, flushed, moved together and crowded by others meanwhile.
  let hasTurmoil: Bool
  /// Whether the memory is so short that sessions are evicted all the time.
  var isCrowded = false

  /// A few sessions that change all the time.
  static let oneWriter = StressPlan(
    name: "one writer, four readers", sessions: 4, writers: 1, locklessReaders: 4, lockedReaders: 0,
    hasTurmoil: false)
  static let everything = StressPlan(
    name: "everything at once", sessions: 64, writers: 2, locklessReaders: 3, lockedReaders: 1,
    hasTurmoil: true)

  static let eviction = StressPlan(
    name: "eviction", sessions: 64, writers: 2, locklessReaders: 2, lockedReaders: 1, hasTurmoil: true,
    isCrowded: true)

  /// Bytes of the segment.
  var memory: Int { isCrowded ? 8 << 20 : 64 << 20 }

  /// Of four sessions one takes values up to 100 kB, the others short ones.
  func fillerMost(_ session: Int) -> Int { session % 4 == 0 ? 100_000 : 600 }
}

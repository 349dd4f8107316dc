import SessionSegment

/// The sessions whose events a connection wants: those of some ids, or all.
struct WatchedSessions: Sendable {
  /// What the bookkeeping of an id takes besides its bytes, about.
  private static let entryBytes = 64

  /// Whether it is all sessions.
  let isAll: Bool
  private let seed: HashSeed
  private var bytes: [UInt8] = []
  /// Where in `bytes` the id of a hash stands.
  private var places: [UInt64: Range<Int>] = [:]
  /// Ids whose hash another one has, too: as good as never any.
  private var others: [Range<Int>] = []

  private init(isAll: Bool, seed: HashSeed) {
    self.isAll = isAll
    self.seed = seed
  }

  static func all(seed: HashSeed) -> WatchedSessions { WatchedSessions(isAll: true, seed: seed) }

  /// None as yet.
  ///
  /// - Parameter seed: a secret, so that nobody can prepare ids that share a hash.
  init(seed: HashSeed) { self.init(isAll: false, seed: seed) }

  mutating func add(_ id: Span<UInt8>) {
    guard !contains(id) else { return }
    let place = bytes.count..<bytes.count + id.count
    for index in id.indices { bytes.append(id[index]) }
    if places[hash(id)] == nil { places[hash(id)] = place } else { others.append(place) }
  }

  func contains(_ id: Span<UInt8>) -> Bool {
    if isAll { return true }
    guard let place = places[hash(id)] else { return false }
    return isEqual(place, id) || others.contains { isEqual($0, id) }
  }

  /// The hashes of all ids.
  var hashes: some Collection<UInt64> { places.keys }

  /// How many bytes it takes, about.
  var byteCount: Int { bytes.count + Self.entryBytes * (places.count + others.count) }

  private func hash(_ id: Span<UInt8>) -> UInt64 { SessionHash(id, seed: seed).bits }

  private func isEqual(_ place: Range<Int>, _ id: Span<UInt8>) -> Bool {
    guard place.count == id.count else { return false }
    for index in id.indices where bytes[place.lowerBound + index] != id[index] { return false }
    return true
  }
}

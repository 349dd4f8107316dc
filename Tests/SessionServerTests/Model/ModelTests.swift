import SessionClient
import TestSupport
import Testing

@testable import SessionServer

@Suite("The daemon, and sessions kept in the process")
struct ModelTests {
  private static let operationsEach = 50_000
  private static let operationsStored = 20_000
  /// Answers that each row must have met.
  private static let sightsWanted = [
    "get OK", "get NIL", "set OK", "set ERR conflict", "set ERR revoked", "set ERR too-large",
    "set ERR syntax",
    "setMany OK", "setMany ERR conflict", "increment ERR type", "increment ERR revoked", "delete ERR revoked",
    "deleteKeys ERR revoked", "expire ERR revoked", "touch ERR revoked", "create OK", "rename OK",
    "rename NIL",
    "rename ERR conflict", "rename ERR revoked", "renameAnew OK", "revoke OK", "revokeAll OK", "tag OK",
    "tag ERR too-large", "tag ERR syntax", "tag NIL", "untag OK", "tagged OK", "why OK", "why NIL", "dump OK",
    "restore OK", "restore ERR syntax", "restore ERR revoked", "restoreMadeUp OK",
    "restoreMadeUp ERR conflict",
    "list OK", "flush OK",
  ]

  @Test(
    "do the same, over 100,000 random requests of all kinds under moved clocks",
    arguments: [0, 900] as [Int64])
  func agree(lifetime: Int64) async throws {
    try await compare(lifetime, nil)
  }

  @Test(
    "do the same where a store is behind the cache, which forgets now and then what it has saved",
    arguments: StoredDaemon.Mode.allCases, [0, 900] as [Int64])
  func agreeStored(mode: StoredDaemon.Mode, lifetime: Int64) async throws {
    try await compare(lifetime, mode)
  }

  private func compare(_ lifetime: Int64, _ mode: StoredDaemon.Mode?) async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("against LocalSessions: \(mode?.rawValue ?? "no store"), lifetime \(lifetime) s, seed \(seed)")
    var source = ModelOperations(seed: seed)
    let operations = (0..<(mode == nil ? Self.operationsEach : Self.operationsStored)).map { _ in
      source.next()
    }
    guard let (place, difference) = try await firstDifference(operations[...], lifetime, mode) else { return }
    let shortest = try await shortened(Array(operations[...place]), lifetime, mode)
    Issue.record(
      """
      seed \(seed), operation \(place): \(difference)
      it takes no more than:
      \(shortest.map { "  \($0)" }.joined(separator: "\n"))
      """)
  }

  /// The first operation whose replies differ.
  private func firstDifference(
    _ operations: ArraySlice<ModelOperation>, _ lifetime: Int64, _ mode: StoredDaemon.Mode?
  ) async throws -> (place: Int, difference: String)? {
    let pair = try await ModelPair(lifetime: lifetime, mode: mode)
    for place in operations.indices {
      if let difference = try await pair.perform(operations[place]) { return (place, difference) }
    }
    // Of the whole row, not of a part of it.
    if operations.count == (mode == nil ? Self.operationsEach : Self.operationsStored) {
      for sight in Self.sightsWanted
      where mode == nil || !sight.hasPrefix("why") && !sight.hasPrefix("restore") {
        #expect(pair.sights[sight, default: 0] >= 5, "\(sight): too little to tell anything")
      }
    }
    return nil
  }

  /// Leaves out what is not needed for a difference: all before a tail, and then one by one.
  private func shortened(
    _ operations: [ModelOperation], _ lifetime: Int64, _ mode: StoredDaemon.Mode?
  ) async throws -> [ModelOperation] {
    var length = 1
    while length < operations.count,
      try await firstDifference(operations.suffix(length), lifetime, mode) == nil
    {
      length *= 2
    }
    var left = Array(operations.suffix(length))
    // From the end on, so that what is left out early takes what rests on it along.
    for place in left.indices.reversed() {
      var fewer = left
      fewer.remove(at: place)
      if try await firstDifference(fewer[...], lifetime, mode) != nil { left = fewer }
    }
    return left
  }
}

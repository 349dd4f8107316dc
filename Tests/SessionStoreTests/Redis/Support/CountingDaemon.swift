import StoreSupport
import TestSupport
import Testing

@testable import SessionStore

/// Adds to numbers in sessions that others add to as well, by compare-and-set, whatever becomes of its connection.
///
/// Each daemon has a number of its own in each session, so that it knows what it must find there.
struct CountingDaemon {
  let store: RedisStore
  /// Which of the numbers is its own.
  let index: Int
  let names: [String]
  var random: SplitMix64
  /// What its number is in each session.
  private var mine: [Int]
  private var isOpen = false
  /// The session of which nobody knows whether it was added to.
  private var doubted: Int?
  /// Those that it was given.
  private var versions: [UInt64] = []

  private static let triesMost = 100_000

  init(store: RedisStore, index: Int, names: [String], random: SplitMix64) {
    self.store = store
    self.index = index
    self.names = names
    self.random = random
    mine = Array(repeating: 0, count: names.count)
  }

  /// All daemons' numbers, which are in one field.
  static func counts(_ record: StoredRecord) -> [Int] {
    String(decoding: record.body.dropFirst(7), as: UTF8.self).split(separator: ",").map { Int($0) ?? -1 }
  }

  static func record(_ id: String, _ counts: [Int]) -> StoredRecord {
    RedisStoreTests.session(id, value: counts.map { String($0) }.joined(separator: ","))
  }

  /// Adds until its numbers make a sum.
  ///
  /// - Returns: the versions of its changes.
  mutating func count(to sum: Int) throws -> [UInt64] {
    for _ in 0..<Self.triesMost where mine.reduce(0, +) < sum {
      do {
        if !isOpen { _ = try store.open() }
        isOpen = true
        try settleDoubt()
        try add(to: random.pick(names.count))
      } catch let error as StoreError {
        if case .unavailable(_, true) = error, isOpen { doubted = nil }
        isOpen = (try? store.check()) != nil
      }
    }
    guard mine.reduce(0, +) == sum else { throw TestTrouble("it took too long") }
    return versions
  }

  /// Looks whether the change that nobody knew of was made.
  private mutating func settleDoubt() throws {
    guard let name = doubted else { return }
    let count = Self.counts(try load(name))[index]
    guard count == mine[name] || count == mine[name] + 1 else {
      throw TestTrouble("\(count) of \(mine[name])")
    }
    mine[name] = count
    doubted = nil
  }

  private mutating func add(to name: Int) throws {
    let found = try load(name)
    var counts = Self.counts(found)
    guard counts[index] == mine[name] else { throw TestTrouble("\(counts[index]) and not \(mine[name])") }
    counts[index] += 1
    doubted = name
    let change = StoreChange.save(Self.record(names[name], counts), replacing: found.version)
    if case .done(let version) = try store.apply([change], sync: true)[0] {
      mine[name] += 1
      versions.append(version)
    }
    doubted = nil
  }

  private func load(_ name: Int) throws -> StoredRecord {
    try #require(try store.records([Array(names[name].utf8)])[0])
  }
}

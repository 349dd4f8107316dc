import SessionCache
import SessionSegment
import Testing

@testable import SessionServer

@Suite("The watchers of a reactor") struct WatcherTableTests {
  private let seed = HashSeed(first: 3, second: 4)
  private let cache: SessionCache
  private let listener = EventListener {}
  private let start: UInt64
  private var table: WatcherTable

  init() throws {
    cache = try makeCache()
    start = cache.watchEvents(listener, wallClock: 0).last
    table = WatcherTable(seed: seed)
  }

  private func token(_ number: Int) -> ConnectionTable.Token { .init(number: number, generation: 1) }

  /// - Parameter ids: nil for all sessions.
  private mutating func add(_ number: Int, _ ids: [String]?, position: UInt64? = nil) {
    var sessions = ids == nil ? WatchedSessions.all(seed: seed) : WatchedSessions(seed: seed)
    for id in ids ?? [] { sessions.add(Array(id.utf8).span) }
    _ = cache.watchEvents(listener, wallClock: 0)
    table.insert(
      Watch(sessions, position: position ?? start, log: cache.events, listener: listener), token(number))
  }

  private func concerned(_ ids: String...) throws -> [Int] {
    let before = cache.events.lastNumber
    for id in ids {
      var edits = FieldEdits(seed: cache.hashSeed)
      _ = try cache.write(Array(id.utf8).span, &edits, of: [UInt8]().span, .init(), at: 1)
    }
    var portion = EventPortion()
    #expect(cache.events.read(after: before, bytesMost: 1 << 20, into: &portion) == .some)
    return table.concerned(by: portion).map(\.token.number).sorted()
  }

  @Test("an event concerns those who watch its session, and those who watch all, each once")
  mutating func concerned() throws {
    add(1, ["a"])
    add(2, ["a", "b"])
    add(3, nil)
    add(4, ["c"])
    #expect(try concerned("a") == [1, 2, 3])
    #expect(try concerned("b", "a", "a", "b") == [1, 2, 3])
    #expect(try concerned("d") == [3])
    table.remove(token(3))
    table.remove(token(1))
    table.remove(token(9))
    #expect(try concerned("a", "c", "d") == [2, 4])
    #expect(try concerned("d") == [])
    table.remove(token(2))
    table.remove(token(4))
    #expect(table.isEmpty)
    #expect(try concerned("a", "b", "c") == [])
  }

  @Test("who is behind is left to itself until it has caught up")
  mutating func behind() throws {
    add(1, ["a"])
    add(2, nil)
    table.fallBehind(token(1), at: start + 1)
    table.fallBehind(token(2), at: start + 1)
    #expect(table.hasSomeBehind)
    #expect(table[token(1)]?.isBehind == true)
    #expect(table[token(1)]?.position == start + 1)
    #expect(try concerned("a") == [])
    table.catchUp(token(1))
    #expect(try concerned("a") == [1])
    table.remove(token(2))
    #expect(!table.hasSomeBehind)
  }

  @Test("those are overtaken whose place the log does not have any more, whatever they watch")
  mutating func overtaken() {
    add(1, ["a"], position: start)
    add(2, ["b"], position: start + 5)
    add(3, ["c"], position: start + 20)
    table.fallBehind(token(2), at: start + 5)
    func numbers(_ complete: UInt64, _ position: UInt64) -> [Int] {
      table.overtaken(by: complete, position: position).map(\.token.number).sorted()
    }
    #expect(numbers(start + 5, start + 10) == [])
    #expect(numbers(start + 6, start + 10) == [2])
    #expect(numbers(start + 11, start + 10) == [1, 2])
    #expect(numbers(start + 20, start + 10) == [1, 2])
    #expect(numbers(start + 21, start + 10) == [1, 2, 3])
  }
}

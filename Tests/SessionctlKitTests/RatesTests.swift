import SessionClient
import Testing

@testable import SessionctlKit

@Suite("Rates out of two reports")
struct RatesTests {
  private var before: Planted {
    var before = Planted()
    before.busiest = #"[{"session":"a","count":64},{"session":"b","count":640}]"#
    return before
  }

  private var after: Planted {
    var after = before
    after.uptime += 2
    after.hits += 60
    after.misses += 40
    after.mappedHits += 100
    after.sets += 10
    after.expired += 6
    after.evictedUntagged += 2
    after.evictedTagged += 2
    after.full += 1
    after.refused += 3
    after.commands = ["GET": (5200, 0), "SET": (2010, 4), "PING": (1, 0)]
    after.busiest = #"[{"session":"a","count":110},{"session":"c","count":9},{"session":"b","count":640}]"#
    return after
  }

  @Test("are the differences by the second")
  func differences() throws {
    let rates = try #require(Rates(from: before.report(), to: after.report()))
    #expect(rates.socketReads == 50)
    #expect(rates.mappedReads == 50)
    #expect(rates.hitRatio == 0.8)
    #expect(rates.writes == 5)
    #expect(rates.expired == 3)
    #expect(rates.evicted == 2)
    #expect(rates.refusedAsFull == 0.5)
    #expect(rates.turnedAway == 1.5)
    #expect(rates.requests == 55.5)
    #expect(rates.errors == 2)
    #expect(rates.commands.map(\.name) == ["GET", "SET", "PING"])
    #expect(rates.commands.map(\.requests) == [50, 5, 0.5])
  }

  @Test("tell of the busiest sessions, whatever was told of them before")
  func busiest() throws {
    let rates = try #require(Rates(from: before.report(), to: after.report()))
    #expect(rates.busiest.map(\.session) == ["b", "a", "c"])
    #expect(rates.busiest.map(\.uses) == [64, 11, 0.9])
    var (young, older) = (Planted(), Planted())
    (young.uptime, older.uptime) = (3, 5)
    older.busiest = #"[{"session":"a","count":640}]"#
    let first = try #require(Rates(from: young.report(), to: older.report()))
    #expect(first.busiest.map(\.uses) == [128])
    var later = Planted()
    later.uptime += 1
    let without = try #require(Rates(from: Planted().report(), to: later.report()))
    #expect(without.busiest.isEmpty)
    #expect(without.hitRatio == nil)
  }

  @Test("are none of two daemons, nor where no time has passed")
  func none() throws {
    var other = after
    other.pid = 8
    #expect(try Rates(from: before.report(), to: other.report()) == nil)
    var younger = after
    younger.uptime = 1
    #expect(try Rates(from: before.report(), to: younger.report()) == nil)
    #expect(try Rates(from: before.report(), to: before.report()) == nil)
  }

  @Test("are an object for programs")
  func json() throws {
    var after = after
    after.store = Planted.store(unsaved: 3)
    let rates = try #require(Rates(from: before.report(), to: after.report()))
    let object = try SessionValue(json: rates.json(after.report().statistics))
    #expect(object["socketReads"]?.doubleValue == 50)
    #expect(object["hitRatio"]?.doubleValue == 0.8)
    #expect(object["memory"]?["limit"]?.intValue == 256 << 20)
    #expect(object["commands"]?["SET"]?["errors"]?.doubleValue == 2)
    #expect(object["store"]?["unsaved"]?.intValue == 3)
    #expect(object["busiest"]?[0]?["session"] == "b")
  }
}

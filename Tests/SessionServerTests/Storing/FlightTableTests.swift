import Testing

@testable import SessionServer

@Suite("The table of flights")
struct FlightTableTests {
  private let a = Array("a".utf8)
  private let b = Array("b".utf8)
  private let c = Array("c".utf8)

  @Test("loads an id once, however many wait for it")
  func singleFlight() {
    var table = FlightTable<Int>()
    check(table.load(a, for: 0))
    for waiter in 1..<1000 { check(!table.load(a, for: waiter)) }
    guard case .over(let waiters) = table.land(a) else {
      Issue.record("it is not over")
      return
    }
    check(waiters == Array(0..<1000))
    check(table.isEmpty)
    check(table.load(a, for: 1))
  }

  @Test("reserves all ids or none, and lets the one wait who finds one under way")
  func reserve() {
    var table = FlightTable<Int>()
    check(table.reserve([a, b], for: 1))
    check(!table.reserve([b, c], for: 2))
    check(!table.isUnderWay(c))
    check(!table.load(a, for: 3))
    check(table.end(b).waiters == [2])
    check(table.end(a).waiters == [3])
    check(table.reserve([b, c], for: 2))
    check(table.count == 2)
  }

  @Test("lets a load be made again that was doubted meanwhile, for those who wait for it")
  func doubt() {
    var table = FlightTable<Int>()
    _ = table.load(a, for: 1)
    table.doubt(a)
    table.doubt(b)
    guard case .again = table.land(a) else {
      Issue.record("it is not made again")
      return
    }
    check(!table.load(a, for: 2))
    guard case .over(let waiters) = table.land(a) else {
      Issue.record("it is not over")
      return
    }
    check(waiters == [1, 2])
    guard case .none = table.land(b) else {
      Issue.record("there is none")
      return
    }
  }

  @Test("goes on without those who have given up")
  func givenUp() {
    var table = FlightTable<Int>()
    for waiter in 0..<5 { _ = table.load(a, for: waiter) }
    _ = table.load(b, for: 1)
    table.removeWaiters { $0 == 1 || $0 == 3 }
    check(table.end(a).waiters == [0, 2, 4])
    check(table.isUnderWay(b))
    check(table.end(b).waiters == [])
  }

  @Test("tells at the end of a change whether somebody else changed the id meanwhile")
  func doubtfulCommit() {
    var table = FlightTable<Int>()
    _ = table.reserve([a, b], for: 1)
    table.doubtAll()
    check(table.end(a).isDoubtful)
    check(table.end(b).isDoubtful)
    check(table.end(b).waiters.isEmpty)
    _ = table.reserve([a], for: 1)
    check(!table.end(a).isDoubtful)
  }
}

import Testing

@testable import SessionServer

@Suite("The table of parked connections")
struct ParkedTableTests {
  private func token(_ number: Int) -> ConnectionTable.Token {
    ConnectionTable.Token(number: number, generation: 1)
  }

  @Test("knows a connection by its ticket until it is removed")
  func tickets() {
    var table = ParkedTable()
    table.insert(7, token(1), until: 100)
    table.insert(8, token(2), until: 50)
    check(table.count == 2)
    check(table.remove(7) == token(1))
    check(table.remove(7) == nil)
    check(table.remove(8) == token(2))
    check(table.nextCheck == .max)
  }

  @Test("tells whose time is over, and when to look again")
  func overdue() {
    var table = ParkedTable()
    for ticket in 1...5 as ClosedRange<UInt64> { table.insert(ticket, token(1), until: Int64(ticket) * 10) }
    check(table.nextCheck == 10)
    check(table.overdue(at: 9) == [])
    check(table.overdue(at: 25) == [1, 2])
    check(table.nextCheck == 30)
    // They stay until they are removed, but are not looked for before the next one is due.
    table.remove(1)
    check(table.overdue(at: 29) == [])
    check(table.overdue(at: 30) == [2, 3])
  }
}

import SystemCalls
import TestSupport
import Testing

@testable import SessionClient

@Suite("The tables of sessions of one process") struct LocalTableTests {
  private func table(lifetime: Int64 = 0) -> LocalTable {
    LocalTable(
      .init(idle: 1_000_000_000, lifetime: lifetime, sessionBytesMost: 1 << 20), now: 0, wallClockLead: 0)
  }

  @Test("the earliest due comes first, whatever the order in which they were added")
  func dues() {
    var random = SplitMix64(seed: 7)
    var queue = DueQueue()
    var moments: [Int64] = []
    for _ in 0..<2_000 {
      let moment = Int64.random(in: 0..<500, using: &random)
      moments.append(moment)
      queue.add(.init(moment: moment, id: Name("s")))
    }
    var taken: [Int64] = []
    while let due = queue.first {
      taken.append(due.moment)
      queue.removeFirst()
    }
    #expect(taken == moments.sorted())
  }

  @Test("sessions that ended early, and ids that were closed, leave nothing behind")
  func noLeaks() throws {
    var table = table()
    for number in 0..<20_000 {
      let id = Name("s\(number)")
      _ = try table.write(id, LocalEdits(), ifVersion: nil, idle: nil)
      _ = try table.addTags(id, ["t\(number % 3)", "u\(number)"])
      if number % 2 == 0 { _ = try table.remove(id) } else { _ = try table.revoke([id]) }
      table.turn(to: Int64(number) * 1_000_000)
    }
    #expect(table.sessions.isEmpty)
    #expect(table.tagged.isEmpty)
    #expect(table.ids.isEmpty)
    // Marks of the last second.
    #expect(table.closed.count <= 501)
    #expect(table.dues.count <= 2 * table.closed.count + 64)
    table.turn(to: 30_000_000_000)
    #expect(table.closed.isEmpty)
    #expect(table.dues.count == 0)
  }

  @Test("a session that gets a shorter time ends by it, one that gets a longer does not end before")
  func times() throws {
    var table = table()
    for name in ["short", "long", "slid"] {
      _ = try table.write(Name(name), LocalEdits(), ifVersion: nil, idle: nil)
    }
    #expect(try table.setIdle(Name("short"), 500_000_000))
    #expect(try table.setIdle(Name("long"), 2_000_000_000))
    table.turn(to: 499_999_999)
    #expect(table.resolve(Name("short")) != nil)
    table.turn(to: 500_000_000)
    #expect(table.resolve(Name("short")) == nil)
    #expect(try table.touch([Name("slid")]) == 1)
    table.turn(to: 1_499_999_999)
    #expect(table.resolve(Name("slid")) != nil)
    table.turn(to: 1_500_000_000)
    #expect(table.resolve(Name("slid")) == nil)
    #expect(table.end(of: Name("slid"))?.at == 1.5)
    table.turn(to: 1_999_999_999)
    #expect(table.resolve(Name("long")) != nil)
    table.turn(to: 5_000_000_000)
    #expect(table.end(of: Name("long"))?.at == 2)
  }

  @Test("a slide of less than a millisecond is none, and none goes back")
  func slides() throws {
    var table = table()
    _ = try table.write(Name("s"), LocalEdits(), ifVersion: nil, idle: nil)
    table.turn(to: 999_999)
    _ = table.read(Name("s"), sliding: true)
    #expect(table.remaining(Name("s")) == 999_000_001)
    table.turn(to: 1_000_000)
    _ = table.read(Name("s"), sliding: true)
    #expect(table.remaining(Name("s")) == 1_000_000_000)
    table.turn(to: 0)
    #expect(table.now == 1_000_000)
  }

  @Test("an alias is followed over 64 ids and no more")
  func hops() throws {
    var table = table()
    _ = try table.write(Name("s0"), LocalEdits(), ifVersion: nil, idle: nil)
    for number in 0..<65 {
      _ = try table.rename(Name("s\(number)"), to: Name("s\(number + 1)"), grace: 100_000_000_000)
    }
    #expect(table.resolve(Name("s0")) == nil)
    #expect(table.resolve(Name("s1")) == Name("s65"))
  }

  @Test("an alias becomes a mark, which ends after the longer of grace and idle time")
  func aliases() throws {
    var table = table()
    for (name, grace) in [("short", 300_000_000), ("long", 3_000_000_000)] as [(String, Int64)] {
      _ = try table.write(Name(name), LocalEdits(), ifVersion: nil, idle: nil)
      _ = try table.rename(Name(name), to: Name(name + " new"), grace: grace)
    }
    table.turn(to: 299_999_999)
    #expect(table.resolve(Name("short")) != nil)
    table.turn(to: 300_000_000)
    #expect(table.resolve(Name("short")) == nil)
    table.turn(to: 999_999_999)
    #expect(throws: SessionError.self) { try table.checkOpen(Name("short")) }
    table.turn(to: 1_000_000_000)
    try table.checkOpen(Name("short"))
    table.turn(to: 2_999_999_999)
    #expect(throws: SessionError.self) { try table.checkOpen(Name("long")) }
    table.turn(to: 3_000_000_000)
    try table.checkOpen(Name("long"))
  }

  @Test("the last 10,000 ends are known, and no other")
  func ends() throws {
    var table = table()
    for number in 0..<10_003 {
      _ = try table.write(Name("s\(number)"), LocalEdits(), ifVersion: nil, idle: nil)
      _ = try table.remove(Name("s\(number)"))
      if number == 5 {
        // It ends again, and is kept by its later end.
        _ = try table.write(Name("s0"), LocalEdits(), ifVersion: nil, idle: nil)
        _ = try table.revoke([Name("s0")])
      }
    }
    #expect(table.end(of: Name("s0"))?.ended == .revoked)
    for number in 1..<4 { #expect(table.end(of: Name("s\(number)")) == nil) }
    #expect(table.end(of: Name("s4"))?.ended == .deleted)
    #expect(table.end(of: Name("s10002"))?.ended == .deleted)
  }

  @Test("nothing is written down while nobody has ever watched")
  func journal() throws {
    var table = table()
    let last = table.journal.last
    _ = try table.write(Name("s"), LocalEdits(), ifVersion: nil, idle: nil)
    #expect(table.journal.last == last)
    #expect(table.journal.watch(nil, since: nil).last == last)
    _ = try table.write(Name("s"), LocalEdits(), ifVersion: nil, idle: nil)
    #expect(table.journal.last == last + 1)
  }
}

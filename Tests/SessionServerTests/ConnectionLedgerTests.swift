import TestSupport
import Testing

@testable import SessionServer

@Suite("The connection ledger")
struct ConnectionLedgerTests {
  @Test("admits as many as one user may have, and another user still")
  func perUser() throws {
    let ledger = ConnectionLedger(most: 10, mostPerUser: 2)
    try ledger.admit(1)
    try ledger.admit(1)
    #expect(throws: ConnectionLedger.Refusal.user(2)) { try ledger.admit(1) }
    try ledger.admit(2)
    #expect(ledger.totals == (current: 3, accepted: 3, refused: 1))
  }

  @Test("admits as many as there may be in all, whoever they are")
  func total() throws {
    let ledger = ConnectionLedger(most: 3, mostPerUser: 3)
    for uid in 1...3 as ClosedRange<UInt32> { try ledger.admit(uid) }
    #expect(throws: ConnectionLedger.Refusal.total(3)) { try ledger.admit(4) }
    ledger.leave(2)
    try ledger.admit(4)
    #expect(ledger.totals == (current: 3, accepted: 4, refused: 1))
  }

  @Test("lets those who are there stay when the bounds get narrower")
  func narrower() throws {
    let ledger = ConnectionLedger(most: 4, mostPerUser: 4)
    for _ in 0..<4 { try ledger.admit(1) }
    ledger.setLimits(most: 2, mostPerUser: 1)
    #expect(ledger.totals.current == 4)
    for _ in 0..<2 { ledger.leave(1) }
    #expect(throws: ConnectionLedger.Refusal.total(2)) { try ledger.admit(2) }
    ledger.leave(1)
    try ledger.admit(2)
    #expect(throws: ConnectionLedger.Refusal.total(2)) { try ledger.admit(1) }
    ledger.setLimits(most: 5, mostPerUser: 1)
    #expect(throws: ConnectionLedger.Refusal.user(1)) { try ledger.admit(1) }
  }

  @Test("agrees with plain counting over random comings and goings")
  func random() {
    var random = SplitMix64(seed: 21)
    let ledger = ConnectionLedger(most: 12, mostPerUser: 5)
    var users: [UInt32: Int] = [:]
    for _ in 0..<5000 {
      let uid = UInt32.random(in: 0..<4, using: &random)
      let (own, all) = (users[uid, default: 0], users.values.reduce(0, +))
      if Bool.random(using: &random), own > 0 {
        ledger.leave(uid)
        users[uid] = own - 1
      } else {
        let isAdmitted = (try? ledger.admit(uid)) != nil
        #expect(isAdmitted == (all < 12 && own < 5))
        if isAdmitted { users[uid] = own + 1 }
      }
      #expect(ledger.totals.current == users.values.reduce(0, +))
    }
  }
}

@Suite struct BufferBoundTests {
  @Test("the bytes held for one user are bounded together, and another user's are his own affair")
  func boundedPerUser() throws {
    let ledger = ConnectionLedger(most: 10, mostPerUser: 10, bufferBytesPerUser: 1000)
    for uid in [1, 1, 2] as [UInt32] { try ledger.admit(uid) }
    #expect(ledger.charge(1, 600))
    #expect(ledger.charge(2, 600))
    #expect(!ledger.charge(1, 500))
    // The connection that went past it goes, with what was held for it.
    ledger.leave(1, bufferedBytes: 500)
    #expect(ledger.charge(1, 400))
    #expect(ledger.charge(1, -1000))
    #expect(ledger.charge(1, 1000))
  }
}

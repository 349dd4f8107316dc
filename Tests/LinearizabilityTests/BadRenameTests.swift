import Linearizability
import Testing

/// Each history here has one thing wrong with it; without that it would be taken.
@Suite("Histories of renamed and revoked sessions that the checker rejects")
struct BadRenameTests {
  private static let made = during(0...1, set(1), .version(1))
  private static let toY = during(2...3, rename(to: "y"), .renamed)
  private static let toYForLong = during(2...3, rename(to: "y", grace: 1_000_000), .renamed)

  @Test("a change acknowledged after a revoke: the session is back, or was never gone")
  func changeAfterRevoke() {
    let late: [(Call, Outcome)] = [
      (set(2), .version(2)), (set(2, if: 0), .version(2)), (set(2, if: 0), .conflict(current: 1)),
      (.increment("n", by: 1), .number(1)), (.deleteKeys(["a"]), .removed(0)),
      (rename(to: "y"), .renamed), (rename(to: "y"), .missing), (.delete, .removed(1)),
    ]
    for before in [[Self.made, during(2...3, .revoke, .removed(1))], [during(2...3, .revoke, .removed(0))]] {
      for (call, outcome) in late {
        #expect(!isLinearizable(before + [during(4...5, call, outcome)]), "\(call) \(outcome)")
      }
    }
  }

  @Test("a read of what was revoked")
  func readAfterRevoke() {
    let revoked = [Self.made, during(2...3, .revoke, .removed(1))]
    #expect(!isLinearizable(revoked + [during(4...5, .get("a"), read(1))]))
    #expect(!isLinearizable(revoked + [during(4...5, .exists, .exists(true))]))
    #expect(!isLinearizable(revoked + [during(4...5, .info, .info(version: 1, keys: 1))]))
    #expect(!isLinearizable(revoked + [during(4...5, .revoke, .removed(1))]))
  }

  @Test("a revoke that counts wrongly")
  func wrongCount() {
    #expect(!isLinearizable([Self.made, during(2...3, .revoke, .removed(0))]))
    #expect(!isLinearizable([during(2...3, .revoke, .removed(1))]))
  }

  @Test("a change refused though nothing was revoked or renamed")
  func refusedForNothing() {
    #expect(!isLinearizable([Self.made, during(2...3, set(2), .revoked)]))
    #expect(
      !isLinearizable([Self.made, during(2...3, .delete, .removed(1)), during(4...5, set(2), .revoked)]))
    #expect(
      !isLinearizable([Self.made, during(2...3, set(2), .revoked), during(4...5, .revoke, .removed(1))]))
  }

  @Test("a session under both ids at once, by one reader or by two")
  func underBoth() {
    let amid = during(2...9, rename(to: "y"), .renamed)
    #expect(
      !isLinearizable([
        "x": [Self.made, amid, during(5...6, .get("a"), read(1))], "y": [during(3...4, .get("a"), read(1))],
      ]))
    #expect(
      !isLinearizable([
        "x": [Self.made, amid, during(5...6, .exists, .exists(true))],
        "y": [during(3...4, .info, .info(version: 2, keys: 1))],
      ]))
  }

  @Test("a session under neither id")
  func underNeither() {
    let amid = during(2...9, rename(to: "y"), .renamed)
    let gone = during(3...4, .get("a"), .value(nil))
    #expect(
      !isLinearizable([
        "x": [Self.made, amid, gone], "y": [during(5...6, .get("a"), .value(nil))],
      ]))
    #expect(
      !isLinearizable([
        "x": [Self.made, amid, during(3...4, .exists, .exists(false))],
        "y": [during(5...6, .exists, .exists(false))],
      ]))
  }

  @Test("a session that is lost by a rename, or was there before it")
  func lostOrEarly() {
    #expect(!isLinearizable(["x": [Self.made, Self.toY], "y": [during(4...5, .get("a"), .value(nil))]]))
    #expect(
      !isLinearizable([
        "x": [during(0...1, set(1), .version(1)), during(4...5, rename(to: "y"), .renamed)],
        "y": [during(2...3, .get("a"), read(1))],
      ]))
  }

  @Test("a read through the old id after a rename without a grace")
  func readOfOldID() {
    for late in [
      during(4...5, .get("a"), read(1)), during(4...5, .exists, .exists(true)),
      during(4...5, .getAll, .fields([Field("a", "1")])), during(4...5, .info, .info(version: 2, keys: 1)),
    ] {
      #expect(!isLinearizable(["x": [Self.made, Self.toY, late]]), "\(late)")
    }
  }

  @Test("a change through the old id, which may have a grace or not, also when another read the change")
  func changeOfOldID() {
    for renamed in [Self.toY, Self.toYForLong] {
      for late in [
        during(4...5, set(2), .version(5)), during(4...5, .increment("n", by: 1), .number(1)),
        during(4...5, .deleteKeys(["a"]), .removed(1)), during(4...5, rename(to: "z"), .renamed),
        during(4...5, .delete, .removed(1)),
      ] {
        #expect(!isLinearizable(["x": [Self.made, renamed, late], "y": []]), "\(late)")
      }
    }
    #expect(
      !isLinearizable([
        "x": [Self.made, Self.toYForLong, during(4...5, set(2), .revoked)],
        "y": [during(6...7, .get("a"), read(2))],
      ]))
  }

  @Test("an alias that answers from the past, or nothing, or is read when its grace is over")
  func badAlias() {
    let toY = Self.toYForLong
    #expect(!isLinearizable(["x": [Self.made, toY, during(4...5, .get("a"), .value(nil))]]))
    #expect(
      !isLinearizable([
        "x": [Self.made, toY, during(6...7, .get("a"), read(1))], "y": [during(4...5, set(2), .version(5))],
      ]))
    #expect(
      !isLinearizable([
        "x": [Self.made, toY, during(6...7, .get("a"), read(1))], "y": [during(4...5, .delete, .removed(1))],
      ]))
    #expect(
      !isLinearizable([
        "x": [Self.made, toY, during(6...7, .get("a"), read(1))], "y": [during(4...5, .revoke, .removed(1))],
      ]))
    let short = during(10...20, rename(to: "y", grace: 100), .renamed)
    #expect(!isLinearizable(["x": [Self.made, short, during(121...122, .get("a"), read(1))]]))
    #expect(!isLinearizable(["x": [Self.made, short, during(108...109, .get("a"), .value(nil))]]))
    #expect(!isLinearizable(["x": [Self.made, short, during(121...122, .delete, .revoked)]]))
  }

  @Test("an alias that is read again after somebody saw that its grace was over")
  func aliasComesBack() {
    let short = during(10...20, rename(to: "y", grace: 100), .renamed)
    #expect(
      !isLinearizable([
        "x": [
          Self.made, short, during(111...112, .get("a"), .value(nil)), during(113...114, .get("a"), read(1)),
        ]
      ]))
  }

  @Test("a revoke of an alias that leaves the session, or a revoke of the session that leaves the alias")
  func revokedThroughAlias() {
    let revoked = [Self.made, Self.toYForLong, during(4...5, .revoke, .removed(1))]
    #expect(!isLinearizable(["x": revoked, "y": [during(6...7, .get("a"), read(1))]]))
    #expect(!isLinearizable(["x": revoked, "y": [during(6...7, set(2), .version(5))]]))
    #expect(!isLinearizable(["x": revoked + [during(6...7, .delete, .revoked)]]))
  }

  @Test("a rename onto a session that lives, which takes its place")
  func renamedOntoLive() {
    let other = during(0...1, set(7), .version(2))
    #expect(!isLinearizable(["x": [Self.made, Self.toY], "y": [other]]))
    let refused = during(2...3, rename(to: "y"), .conflict(current: 2))
    #expect(!isLinearizable(["x": [Self.made, refused], "y": [other, during(4...5, .get("a"), read(1))]]))
    #expect(
      !isLinearizable([
        "x": [Self.made, during(2...3, rename(to: "y"), .conflict(current: 1))], "y": [other],
      ]))
    #expect(!isLinearizable(["x": [Self.made, during(2...3, rename(to: "y"), .conflict(current: 0))]]))
  }

  @Test("a rename whose version is that of before, or lower than that of an earlier session there")
  func versionsGoBack() {
    #expect(
      !isLinearizable([
        "x": [Self.made, Self.toY], "y": [during(4...5, .info, .info(version: 1, keys: 1))],
      ]))
    #expect(
      !isLinearizable([
        "x": [Self.made, during(6...7, rename(to: "y"), .renamed)],
        "y": [
          during(0...1, set(2), .version(5)), during(4...5, .delete, .removed(1)),
          during(8...9, .info, .info(version: 5, keys: 1)),
        ],
      ]))
  }

  @Test("a rename that succeeded twice")
  func twice() {
    #expect(
      !isLinearizable([
        "x": [
          Self.made, during(2...9, rename(to: "y"), .renamed), during(2...9, rename(to: "z"), .renamed),
        ]
      ]))
  }

  @Test("a rename whose reply was lost, undone, or done after it can't have been")
  func lostRenameMisused() {
    let lostRename = lost(from: 2, rename(to: "y"))
    #expect(
      !isLinearizable([
        "x": [Self.made, lostRename, during(6...7, .get("a"), read(1))],
        "y": [during(4...5, .get("a"), read(1))],
      ]))
    #expect(
      !isLinearizable([
        "x": [Self.made, lost(from: 2, to: 5, rename(to: "y")), during(6...7, .get("a"), read(1))],
        "y": [during(8...9, .get("a"), read(1))],
      ]))
  }

  @Test("the faults are told with the ids that belong together")
  func explanation() {
    let faults = LinearizabilityChecker().faults(in: [
      "x": [Self.made, Self.toY, during(4...5, .get("a"), read(1))],
      "other": [during(0...1, set(1), .version(2))],
    ])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("session x, y: ") == true)
    #expect(faults.first?.contains("revoked or renamed away") == true)
  }
}

import Linearizability
import Testing

@Suite("Histories of renamed and revoked sessions that the checker takes")
struct GoodRenameTests {
  @Test("everything a session does under its new id, and nothing under the old one")
  func renamed() {
    #expect(
      isLinearizable(
        sequential(
          ("x", set(1), .version(3)), ("x", rename(to: "y"), .renamed), ("y", .get("a"), read(1)),
          ("x", .get("a"), .value(nil)), ("x", .getAll, .fields(nil)), ("x", .exists, .exists(false)),
          ("x", .info, .missing), ("x", .delete, .removed(0)), ("x", set(2), .revoked),
          ("x", set(2, if: 0), .revoked), ("x", .increment("n", by: 1), .revoked),
          ("x", .deleteKeys(["a"]), .revoked), ("x", rename(to: "z"), .revoked),
          ("y", .info, .info(version: 4, keys: 1)), ("y", set(2, if: 3), .conflict(current: 4)),
          ("y", set(2), .version(7)), ("y", rename(to: "x"), .revoked), ("y", .delete, .removed(1)),
          ("y", set(3), .version(8)))))
  }

  @Test("everything an alias answers, and that it takes no change")
  func alias() {
    let renamed = rename(to: "y", grace: 1_000_000)
    #expect(
      isLinearizable(
        sequential(
          ("x", set(1), .version(3)), ("x", renamed, .renamed), ("x", .get("a"), read(1)),
          ("x", .getAll, .fields([Field("a", "1")])), ("x", .exists, .exists(true)),
          ("y", set(2), .version(7)), ("x", .info, .info(version: 7, keys: 1)), ("x", .get("a"), read(2)),
          ("x", set(3), .revoked), ("x", .delete, .revoked), ("x", .deleteKeys(["a"]), .revoked),
          ("x", .increment("n", by: 1), .revoked), ("x", rename(to: "z"), .revoked),
          ("z", set(1), .version(8)), ("z", rename(to: "x"), .revoked), ("y", .delete, .removed(1)),
          ("x", .get("a"), .value(nil)), ("x", set(3), .revoked), ("y", set(4), .version(9)),
          ("x", .get("a"), read(4)), ("x", .revoke, .removed(1)), ("y", .get("a"), .value(nil)),
          ("y", set(5), .revoked))))
  }

  @Test("an alias of an alias")
  func chain() {
    let grace: Int64 = 1_000_000
    #expect(
      isLinearizable(
        sequential(
          ("x", set(1), .version(1)), ("x", rename(to: "y", grace: grace), .renamed),
          ("y", rename(to: "z", grace: grace), .renamed), ("x", .get("a"), read(1)),
          ("y", .get("a"), read(1)), ("z", set(2), .version(4)), ("x", .get("a"), read(2)),
          ("x", .revoke, .removed(1)), ("z", .exists, .exists(false)), ("y", .exists, .exists(false)),
          ("y", set(3), .revoked), ("y", .delete, .removed(0)))))
  }

  @Test("a revoke of an alias that stands for nothing any more, which marks both ids")
  func emptyAlias() {
    #expect(
      isLinearizable(
        sequential(
          ("x", set(1), .version(1)), ("x", rename(to: "y", grace: 1_000_000), .renamed),
          ("y", .delete, .removed(1)), ("x", .revoke, .removed(0)), ("y", set(2), .revoked),
          ("x", .delete, .removed(0)))))
  }

  @Test("an alias that is read until its grace is over, and not afterwards")
  func grace() {
    let made = [
      during(0...1, set(1), .version(1)), during(10...20, rename(to: "y", grace: 100), .renamed),
    ]
    for (until, seen) in [(109, 1), (120, 1), (110, nil), (120, nil), (200, nil)] as [(Int64, Int?)] {
      let found = during(until...until, .get("a"), .value(seen.map { "\($0)" }))
      #expect(isLinearizable(["x": made + [found], "y": []]), "\(until), \(seen ?? 0)")
    }
    let deleted = [during(115...116, .delete, .removed(0)), during(117...118, .get("a"), .value(nil))]
    #expect(isLinearizable(["x": made + deleted]))
  }

  @Test("a revoke that came within a grace, while others see that it is over, and none that came later")
  func lateRevoke() {
    let made = [
      during(0...1, set(1), .version(1)), during(10...20, rename(to: "y", grace: 100), .renamed),
    ]
    let over = during(130...131, .get("a"), .value(nil))
    let still = during(140...141, .get("a"), read(1))
    let ended = during(210...211, .get("a"), .value(nil))
    for (begin, revoked, isPossible) in [(115, 1, true), (125, 1, false), (115, 0, false)] {
      let revoke = during(Int64(begin)...200, .revoke, .removed(revoked))
      let histories = ["x": made + [over, revoke], "y": [still, ended]]
      #expect(isLinearizable(histories) == isPossible, "\(begin), \(revoked)")
    }
  }

  @Test("a rename of nothing, onto a session, onto itself")
  func notRenamed() {
    #expect(
      isLinearizable(
        sequential(
          ("x", rename(to: "y"), .missing), ("x", set(1), .version(1)),
          ("x", rename(to: "x"), .conflict(current: 1)), ("y", set(1), .version(2)),
          ("x", rename(to: "y"), .conflict(current: 2)), ("y", .increment("a", by: 1), .number(2)),
          ("x", rename(to: "y"), .conflict(current: 5)), ("y", .revoke, .removed(1)),
          ("x", rename(to: "y"), .revoked), ("x", .get("a"), read(1)))))
  }

  @Test("a revoke ends a session and keeps it from coming back, and also an id without one")
  func revoked() {
    #expect(
      isLinearizable(
        sequential(
          ("x", set(1), .version(1)), ("x", .revoke, .removed(1)), ("x", set(2), .revoked),
          ("x", .get("a"), .value(nil)), ("x", .delete, .removed(0)), ("x", set(2), .revoked),
          ("x", .revoke, .removed(0)), ("y", .revoke, .removed(0)), ("y", set(1, if: 0), .revoked))))
  }

  @Test("requests amid a rename, which see it done or not, under either id")
  func amid() {
    for (old, new) in [(1, nil), (nil, 1)] as [(Int?, Int?)] {
      #expect(
        isLinearizable([
          "x": [
            during(0...1, set(1), .version(1)), during(2...9, rename(to: "y"), .renamed),
            during(3...4, .get("a"), .value(old.map { "\($0)" })),
          ],
          "y": [during(5...6, .get("a"), .value(new.map { "\($0)" }))],
        ]))
    }
  }

  @Test("a write amid a rename, before or after it, and one that is refused")
  func writeAmid() {
    let start = [during(0...1, set(1), .version(1)), during(2...9, rename(to: "y"), .renamed)]
    for (made, seen) in [(Outcome.version(2), 2), (.revoked, 1)] {
      #expect(
        isLinearizable([
          "x": start + [during(3...8, set(2), made)], "y": [during(10...11, .get("a"), read(seen))],
        ]))
    }
  }

  @Test("a rename whose reply was lost: never done, done at once, or done late")
  func lostRename() {
    let start = [during(0...1, set(1), .version(1)), lost(from: 2, rename(to: "y"))]
    for seen in [["x", "x"], ["y", "y"], ["x", "y"]] {
      var histories = ["x": start, "y": []]
      for (number, id) in seen.enumerated() {
        let begin = Int64(4 + number * 10)
        for other in ["x", "y"] {
          let value = Outcome.value(other == id ? "1" : nil)
          histories[other]!.append(during(begin...begin + 2, .get("a"), value))
        }
      }
      #expect(isLinearizable(histories), "\(seen)")
    }
  }

  @Test("a revoke whose reply was lost")
  func lostRevoke() {
    for outcome in [Outcome.version(2), .revoked] {
      #expect(
        isLinearizable([
          during(0...1, set(1), .version(1)), lost(from: 2, .revoke), during(3...4, set(2), outcome),
        ]))
    }
  }

  @Test("two renames at once, of which one comes first")
  func twoRenames() {
    #expect(
      isLinearizable([
        "x": [
          during(0...1, set(1), .version(1)), during(2...9, rename(to: "y"), .renamed),
          during(2...9, rename(to: "z"), .revoked),
        ],
        "y": [during(10...11, .get("a"), read(1))], "z": [during(10...11, .get("a"), .value(nil))],
      ]))
  }
}

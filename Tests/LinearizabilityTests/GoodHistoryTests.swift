import Linearizability
import Testing

@Suite("Histories that the checker takes")
struct GoodHistoryTests {
  @Test("nothing, and reads of a session that never was")
  func empty() {
    #expect(isLinearizable([]))
    #expect(
      isLinearizable(
        sequential(
          (.get("a"), .value(nil)), (.getAll, .fields(nil)), (.getMany(["a"]), .fields(nil)),
          (.info, .missing), (.exists, .exists(false)), (.delete, .removed(0)),
          (.deleteKeys(["a"]), .removed(0)), (set(1, if: 7), .conflict(current: 0)))))
  }

  @Test("every request once, one after the other")
  func everyRequest() {
    #expect(
      isLinearizable(
        sequential(
          (.set([Field("a", "1"), Field("b", "\"x\"")], ifVersion: 0), .version(3)),
          (.get("a"), read(1)),
          (.getAll, .fields([Field("a", "1"), Field("b", "\"x\"")])),
          (.getMany(["b", "z"]), .fields([Field("b", "\"x\"")])),
          (.info, .info(version: 3, keys: 2)),
          (.increment("a", by: 4), .number(5)),
          (.increment("b", by: 1), .notANumber),
          (set(6, if: 3), .conflict(current: 4)),
          (set(7, if: 4), .version(9)),
          (.deleteKeys(["a", "z"]), .removed(1)),
          (set(8), .version(11)),
          (.getAll, .fields([Field("b", "\"x\""), Field("a", "8")])),
          (.exists, .exists(true)),
          (.delete, .removed(1)),
          (.exists, .exists(false)),
          (.increment("n", by: -2), .number(-2)),
          (.set([], ifVersion: nil), .version(14)),
          (.getAll, .fields([Field("n", "-2")])))))
  }

  @Test("a read during a write that sees the old value, or the new one")
  func readDuringWrite() {
    for seen in [1, 2] {
      #expect(
        isLinearizable([
          during(0...1, set(1), .version(1)), during(2...9, set(2), .version(2)),
          during(3...4, .get("a"), read(seen)),
        ]))
    }
  }

  @Test("two reads during a write, the first of which sees the old value")
  func readsDuringWrite() {
    #expect(
      isLinearizable([
        during(0...1, set(1), .version(1)), during(2...9, set(2), .version(2)),
        during(3...4, .get("a"), read(1)), during(5...6, .get("a"), read(2)),
      ]))
  }

  @Test("concurrent writes whose versions tell another order than their beginnings")
  func concurrentWrites() {
    #expect(
      isLinearizable([
        during(0...9, set(1), .version(2)), during(1...9, set(2), .version(1)),
        during(10...11, .get("a"), read(1)),
      ]))
  }

  @Test("concurrent increments, each with a sum of its own")
  func increments() {
    #expect(
      isLinearizable([
        during(0...9, .increment("a", by: 1), .number(3)),
        during(1...9, .increment("a", by: 1), .number(1)),
        during(2...9, .increment("a", by: 1), .number(2)),
        during(10...11, .get("a"), read(3)),
      ]))
  }

  @Test("the version that an increment made is learnt from a conflict, and from INFO")
  func learntVersion() {
    let made = [
      during(0...1, set(1), .version(5)), during(2...3, .increment("a", by: 1), .number(2)),
    ]
    #expect(isLinearizable(made + [during(4...5, set(9, if: 5), .conflict(current: 6))]))
    #expect(isLinearizable(made + [during(4...5, .info, .info(version: 8, keys: 1))]))
    #expect(isLinearizable(made + [during(4...5, set(9, if: 7), .version(8))]))
  }

  @Test("a write whose reply was lost: never done, done at once, or done late")
  func lostWrite() {
    let first = [during(0...1, set(1), .version(1)), lost(from: 2, set(2))]
    for seen in [[1, 1, 1], [2, 2, 2], [1, 1, 2]] {
      let reads = seen.enumerated().map { during(Int64(4 + $0 * 4)...Int64(6 + $0 * 4), .get("a"), read($1)) }
      #expect(isLinearizable(first + reads))
    }
  }

  @Test("a delete whose reply was lost, and that ends the session that was made after it")
  func lostDelete() {
    #expect(
      isLinearizable([
        lost(from: 0, .delete), during(1...2, set(1), .version(1)), during(3...4, .get("a"), read(1)),
        during(5...6, .get("a"), .value(nil)), during(7...8, set(1, if: 0), .version(2)),
      ]))
  }

  @Test("a write whose reply was lost before a read that would fit without it as well")
  func lostBeforeRead() {
    #expect(
      isLinearizable([
        lost(from: 0, to: 5, .set([Field("b", "1")], ifVersion: nil)), during(6...7, .get("a"), .value(nil)),
        during(8...9, .get("b"), read(1)),
      ]))
  }

  @Test("operations that touch in one instant count as concurrent")
  func touching() {
    #expect(
      isLinearizable([during(0...5, set(1), .version(1)), during(5...9, .get("a"), .value(nil))]))
  }
}

import Linearizability
import Testing

/// Each history here has one thing wrong with it; without that it would be taken.
@Suite("Histories that the checker rejects")
struct BadHistoryTests {
  private static let made = during(0...1, set(1), .version(1))

  @Test("a stale read: the old value after the new one was acknowledged")
  func staleRead() {
    #expect(
      !isLinearizable(sequential((set(1), .version(1)), (set(2), .version(2)), (.get("a"), read(1)))))
  }

  @Test("a stale read while another write is under way")
  func staleReadDuringWrite() {
    #expect(
      !isLinearizable([
        Self.made, during(2...3, set(2), .version(2)), during(4...9, set(3), .version(3)),
        during(5...6, .get("a"), read(1)),
      ]))
  }

  @Test("a lost update: an increment that did not see the one before")
  func lostUpdate() {
    #expect(
      !isLinearizable(
        sequential((.increment("a", by: 1), .number(1)), (.increment("a", by: 1), .number(1)))))
    #expect(
      !isLinearizable([
        during(0...9, .increment("a", by: 1), .number(1)), during(0...9, .increment("a", by: 1), .number(1)),
      ]))
  }

  @Test("a lost write: acknowledged, and never seen")
  func lostWrite() {
    #expect(!isLinearizable([Self.made, during(2...3, .get("a"), .value(nil))]))
    #expect(!isLinearizable([Self.made, during(2...3, .exists, .exists(false))]))
  }

  @Test("a torn MSET: one key new and the other one old, in one read or in two")
  func tornWrite() {
    func both(_ number: Int) -> Call {
      .set([Field("a", "\(number)"), Field("b", "\(number)")], ifVersion: nil)
    }
    let writes = [during(0...1, both(1), .version(1)), during(2...9, both(2), .version(2))]
    let mixed = [Field("a", "2"), Field("b", "1")]
    #expect(!isLinearizable(writes + [during(3...8, .getAll, .fields(mixed))]))
    #expect(!isLinearizable(writes + [during(3...8, .getMany(["a", "b"]), .fields(mixed))]))
    #expect(
      !isLinearizable(writes + [during(3...4, .get("a"), read(2)), during(5...6, .get("b"), read(1))]))
  }

  @Test("reads that go back: the new value, and then the old one, while the write is under way")
  func readsGoBack() {
    #expect(
      !isLinearizable([
        Self.made, during(2...9, set(2), .version(2)), during(3...4, .get("a"), read(2)),
        during(5...6, .get("a"), read(1)),
      ]))
  }

  @Test("reads of two clients that see two writes in different orders")
  func differentOrders() {
    #expect(
      !isLinearizable([
        during(0...20, .set([Field("a", "1")], ifVersion: nil), .version(1)),
        during(0...20, .set([Field("b", "1")], ifVersion: nil), .version(2)),
        during(3...4, .get("a"), read(1)), during(5...6, .get("b"), .value(nil)),
        during(3...4, .get("b"), read(1)), during(5...6, .get("a"), .value(nil)),
      ]))
  }

  @Test("a value from nowhere")
  func valueFromNowhere() {
    #expect(!isLinearizable([Self.made, during(2...3, .get("a"), read(7))]))
    #expect(!isLinearizable([during(0...1, .get("a"), read(7))]))
    #expect(
      !isLinearizable([Self.made, during(2...3, .getAll, .fields([Field("a", "1"), Field("b", "1")]))]))
  }

  @Test("a value that was read before its write began")
  func readBeforeWrite() {
    #expect(!isLinearizable([during(0...1, .get("a"), read(1)), during(2...3, set(1), .version(1))]))
  }

  @Test("a session that came back after its end was acknowledged")
  func resurrection() {
    let ended = [Self.made, during(2...3, .delete, .removed(1))]
    #expect(!isLinearizable(ended + [during(4...5, .get("a"), read(1))]))
    #expect(!isLinearizable(ended + [during(4...5, .exists, .exists(true))]))
    #expect(!isLinearizable(ended + [during(4...5, .delete, .removed(1))]))
    #expect(!isLinearizable(ended + [during(4...5, .info, .info(version: 1, keys: 1))]))
  }

  @Test("a key that came back when the session was made anew")
  func resurrectedKey() {
    #expect(
      !isLinearizable(
        sequential(
          (set(1), .version(1)), (.delete, .removed(1)),
          (.set([Field("b", "2")], ifVersion: nil), .version(2)), (.get("a"), read(1)))))
  }

  @Test("an IF that succeeded twice for one version")
  func doubleSuccess() {
    #expect(
      !isLinearizable([
        Self.made, during(2...9, set(2, if: 1), .version(2)), during(2...9, set(3, if: 1), .version(3)),
      ]))
    #expect(
      !isLinearizable([during(0...9, set(2, if: 0), .version(2)), during(0...9, set(3, if: 0), .version(3))]))
  }

  @Test("an IF that failed though the version was right, or succeeded though it was not")
  func wrongOutcome() {
    #expect(!isLinearizable([Self.made, during(2...3, set(2, if: 1), .conflict(current: 1))]))
    #expect(!isLinearizable([Self.made, during(2...3, set(2, if: 0), .version(2))]))
    #expect(!isLinearizable([Self.made, during(2...3, set(2, if: 7), .version(8))]))
  }

  @Test("a conflict that tells a version that the session did not have then")
  func wrongConflict() {
    #expect(!isLinearizable([Self.made, during(2...3, set(2, if: 7), .conflict(current: 2))]))
    #expect(!isLinearizable([Self.made, during(2...3, set(2, if: 7), .conflict(current: 0))]))
    #expect(
      !isLinearizable(
        sequential(
          (set(1), .version(1)), (set(2), .version(2)), (set(3, if: 9), .conflict(current: 1)))))
  }

  @Test("a version that was used twice, or went back, also across the end of the session")
  func versionsGoBack() {
    #expect(!isLinearizable(sequential((set(1), .version(2)), (set(2), .version(2)))))
    #expect(!isLinearizable(sequential((set(1), .version(2)), (set(2), .version(1)))))
    #expect(
      !isLinearizable(sequential((set(1), .version(2)), (.delete, .removed(1)), (set(2), .version(2)))))
  }

  @Test("a version that leaves no room for the changes before it")
  func versionWithoutRoom() {
    #expect(
      !isLinearizable(
        sequential(
          (set(1), .version(1)), (.increment("a", by: 1), .number(2)), (.increment("a", by: 1), .number(3)),
          (set(2), .version(3)))))
    #expect(
      !isLinearizable(
        sequential(
          (set(1), .version(1)), (.increment("a", by: 1), .number(2)),
          (.info, .info(version: 1, keys: 1)))))
  }

  @Test("a version that changed though nothing was written")
  func versionChanged() {
    #expect(
      !isLinearizable(
        sequential(
          (.increment("a", by: 1), .number(1)), (.info, .info(version: 4, keys: 1)),
          (.info, .info(version: 5, keys: 1)))))
    #expect(
      !isLinearizable(
        sequential(
          (set(1), .version(1)), (.deleteKeys(["b"]), .removed(0)), (.info, .info(version: 2, keys: 1)))))
  }

  @Test("counts of keys that do not add up")
  func wrongCounts() {
    #expect(!isLinearizable([Self.made, during(2...3, .deleteKeys(["a", "b"]), .removed(2))]))
    #expect(!isLinearizable([Self.made, during(2...3, .deleteKeys(["a"]), .removed(0))]))
    #expect(!isLinearizable([Self.made, during(2...3, .info, .info(version: 1, keys: 2))]))
    #expect(!isLinearizable([Self.made, during(2...3, .delete, .removed(0))]))
  }

  @Test("keys in another order than that in which they were first set")
  func wrongOrder() {
    #expect(
      !isLinearizable(
        sequential(
          (.set([Field("a", "1"), Field("b", "2")], ifVersion: nil), .version(1)), (set(3), .version(2)),
          (.getAll, .fields([Field("b", "2"), Field("a", "3")])))))
  }

  @Test("a write whose reply was lost, done twice, or undone, or done after it can't have been")
  func lostWriteMisused() {
    #expect(
      !isLinearizable([
        Self.made, lost(from: 2, set(2)), during(3...4, .get("a"), read(2)),
        during(5...6, set(3), .version(5)),
        during(7...8, .get("a"), read(2)),
      ]))
    #expect(
      !isLinearizable([
        Self.made, lost(from: 2, set(2)), during(3...4, .get("a"), read(2)),
        during(5...6, .get("a"), read(1)),
      ]))
    #expect(
      !isLinearizable([
        Self.made, lost(from: 2, to: 5, set(2)), during(6...7, .get("a"), read(1)),
        during(8...9, .get("a"), read(2)),
      ]))
    #expect(!isLinearizable([during(0...1, .get("a"), read(2)), lost(from: 2, set(2))]))
    #expect(!isLinearizable([Self.made, lost(from: 2, set(2, if: 9)), during(3...4, .get("a"), read(2))]))
  }

  @Test("the explanation names the session as it was and what did not fit")
  func explanation() {
    let verdict = LinearizabilityChecker().check([Self.made, during(2...3, .get("a"), read(7))])
    guard case .notLinearizable(let text) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(text.contains("version 1, a=1"))
    #expect(text.contains("get(\"a\")"))
  }
}

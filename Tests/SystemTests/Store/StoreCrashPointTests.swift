import TestSupport
import Testing

// Needs strace, which kills the daemon at a chosen system call, and a system that lets it trace.
@Suite(
  "Killed at any system call that a database is written with, nothing acknowledged is lost",
  .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"))
struct StoreCrashPointTests {
  struct Calls: CustomTestStringConvertible {
    /// As strace names them.
    let name: String
    let course: StoreTrial.Course
    let store: TestedStore

    var testDescription: String { "\(name), \(course), \(store.testDescription)" }

    /// Whether a start and a run make a few of them only, so that there is time for each in any form of the tests.
    private var isRare: Bool {
      ["rename", "unlink", "fsync", "ftruncate"].contains(name) || name == "fdatasync" && !store.isThrough
    }

    /// Which call is the last one after this one was: each in its turn with SESSIOND_EACH_CALL=1, up to
    /// the thousandth, and then one in fifty; with
    /// SESSIOND_LONG_TESTS=1 up to the fiftieth, and then one in seven of those behind it; else a few.
    func next(after call: Int) -> Int {
      if isRare || Programs.killsAtEachCall { return call + max(1, call > 1000 ? call / 50 : 1) }
      return Programs.runsLongTests ? call + (call < 50 ? 1 : call / 7) : call * 4
    }

    /// Each is made at least once in its course, by every store.
    static var all: [Calls] {
      var names: [(String, StoreTrial.Course)] = ["pwrite64", "fdatasync", "write", "ftruncate"].map {
        ($0, .recovery)
      }
      names += ["rename", "fsync"].map { ($0, .settingAside) }
      names += ["unlink"].map { ($0, .stop) }
      if Programs.runsLongTests || Programs.killsAtEachCall {
        names += ["pwrite64", "fdatasync"].flatMap { [($0, .settingAside), ($0, .stop)] }
      }
      return names.flatMap { name, course in
        [TestedStore.sqliteBehind, .sqliteThrough].map { Calls(name: name, course: course, store: $0) }
      }
    }
  }

  /// More than any start and run make of one of these calls.
  private static let callsMost = 20_000

  /// Each start begins with what a kill has left, so the calls are also those of a recovery.
  @Test("whichever of these calls is the last, with its segment kept or lost", arguments: Calls.all)
  func eachCall(calls: Calls) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    try TemporaryDirectory.with { directory in
      // What is set aside must be in memory.
      let memory = calls.course == .settingAside ? "64M" : "8M"
      let trial = try StoreTrial(calls.store, in: directory, memory: memory, seed: seed)
      defer { trial.end() }
      try trial.round(.killed)
      // The first so many calls of each thread.
      var (kills, call) = (0, 1)
      while call < Self.callsMost {
        let rule = "inject=\(calls.name):signal=KILL:when=\(call)"
        let wrapper =
          Tracing.command + ["-qqq", "-o", "/dev/null", "-e", "trace=\(calls.name)", "-e", rule]
        let losesSegment = calls.store.isThrough && calls.course != .settingAside && kills % 2 == 1
        do {
          guard try trial.cutShort(by: wrapper, calls.course, losingSegment: losesSegment) else { break }
        } catch {
          throw Failure("seed \(seed), call \(call): \(error)\n\(trial.daemon.standardError)")
        }
        kills += 1
        call = calls.next(after: call)
      }
      print("\(calls.testDescription): killed \(kills) times, the last time before call \(call)")
      #expect(kills > 0, "no such call was made, seed \(seed)")
      #expect(call < Self.callsMost, "there is no end of calls")
    }
  }
}

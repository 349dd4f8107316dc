import TestSupport
import Testing

// Needs strace, which kills the daemon at a chosen system call, and a system that lets it trace.
@Suite(
  "Killed at any system call by which a segment is made, taken over or grown, nothing is lost",
  .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"))
struct CrashPointTests {
  struct Calls: CustomTestStringConvertible {
    /// As strace names them.
    let name: String
    /// Whether each start wants another geometry than the one before, so that a fresh file is made.
    let changesGeometry: Bool

    var testDescription: String { name + (changesGeometry ? ", to another geometry" : ", in place") }
  }

  private static let isLong = Programs.environment("SESSIOND_LONG_TESTS") == "1"
  /// More than any start and run make of one of these calls.
  private static let callsMost = 5000

  /// Two geometries in turn.
  private func options(_ round: Int, _ calls: Calls) -> DaemonOptions {
    let isOther = calls.changesGeometry && round % 2 == 1
    return DaemonOptions(
      arguments: [
        "--max-memory", isOther ? "12M" : "8M", "--shards", isOther ? "4" : "2", "--max-session", "400K",
      ])
  }

  @Test(
    "every acknowledged write is there, whichever of these calls is the last",
    arguments: [
      Calls(name: "fallocate", changesGeometry: false), Calls(name: "mmap", changesGeometry: false),
      Calls(name: "fallocate", changesGeometry: true), Calls(name: "mmap", changesGeometry: true),
      Calls(name: "unlink", changesGeometry: true), Calls(name: "ftruncate", changesGeometry: true),
      Calls(name: "rename", changesGeometry: true),
    ])
  func eachCall(calls: Calls) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    try TemporaryDirectory.with { directory in
      let rig = try CrashRig(in: directory, options: options(0, calls), seed: seed)
      defer { rig.daemon.kill() }
      try rig.round(.killed)
      // The first so many calls of each thread; a few of them only, unless there is time.
      var (round, call) = (0, 1)
      while call < Self.callsMost {
        let rule = "inject=\(calls.name):signal=KILL:when=\(call)"
        let wrapper = Tracing.command + ["-qqq", "-o", "/dev/null", "-e", rule]
        round += 1
        do {
          guard try rig.cutShort(by: wrapper, options(round, calls)) else {
            return print("\(calls.testDescription): killed \(round - 1) times, up to call \(call)")
          }
        } catch {
          throw Failure("seed \(seed), call \(call): \(error)\n\(rig.daemon.standardError)")
        }
        call += Self.isLong ? 1 : max(1, call / 4)
      }
      throw Failure("there is no end of calls")
    }
  }
}

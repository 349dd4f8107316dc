import TestSupport
import Testing

@Suite("kill -9 at any instant loses nothing that was acknowledged")
struct CrashTests {
  /// 60 rounds, or 300 with SESSIOND_LONG_TESTS=1.
  private static let rounds = Programs.environment("SESSIOND_LONG_TESTS") == "1" ? 300 : 60

  @Test(
    "killed again and again amid writes, it has every acknowledged write, whole, and its memory adds up",
    arguments: [UInt64.random(in: 1...UInt64.max)])
  func kills(seed: UInt64) throws {
    try TemporaryDirectory.with { directory in
      let options = DaemonOptions(arguments: ["--max-memory", "8M", "--shards", "2", "--max-session", "400K"])
      let rig = try CrashRig(in: directory, options: options, seed: seed)
      defer { rig.daemon.kill() }
      var random = SplitMix64(seed: seed)
      for round in 0..<Self.rounds {
        let endings: [CrashRig.Ending] = [
          .killed, .killed, .killed, .killed, .killedAtAdoption, .killedAtAdoption, .killedAtFlush, .stopped,
        ]
        let ending = endings.randomElement(using: &random)!
        do {
          try rig.round(ending)
        } catch {
          throw Failure("seed \(seed), round \(round), \(ending): \(error)\n\(rig.daemon.standardError)")
        }
      }
      try rig.end()
      print("seed \(seed): slowest start \(rig.slowestStart) s, \(rig.sights)")
      #expect(rig.sights.splits > 0 && rig.sights.joins > 0, "pages are split and joined")
      #expect(rig.sights.runsGivenBack > 0, "memory comes back")
      #expect(rig.sights.marksMost > 5 && rig.sights.aliasesMost > 2, "ids are revoked and renamed")
      #expect(rig.sights.taggedPairsMost > 50, "sessions have tags")
      let aside = Files.names(in: directory.path).filter { $0.hasPrefix("segment.") }
      #expect(Set(aside).isSubset(of: ["segment.lock"]), "\(rig.daemon.standardError)")
    }
  }
}

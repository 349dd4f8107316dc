import SegmentAudit
import TestSupport
import Testing

@Suite("A damaged segment stops no daemon, and makes none answer with what is not so")
struct DamageTests {
  /// Two of each kind of damage, or twenty with SESSIOND_LONG_TESTS=1; SegmentDamage tries a thousand in process.
  private static let rounds = Programs.environment("SESSIOND_LONG_TESTS") == "1" ? 20 : 2

  @Test(
    "it starts with what is sound, or refuses a file that is no segment any more",
    arguments: [UInt64.random(in: 1...UInt64.max)])
  func anyDamage(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    try FilledDaemon.with("--max-memory", "8M", "--shards", "2", "--max-session", "200K") { filled in
      let daemon = filled.daemon
      daemon.kill()
      let sound = try SegmentImage(copying: daemon.segmentPath)
      let places = SegmentAudit.of(sound).places
      for round in 0..<Self.rounds {
        for damage in Damage.allCases {
          let image = try SegmentImage(copying: sound)
          let bytes = damage.apply(to: image, places, &random)
          try image.write(to: daemon.segmentPath, count: bytes)
          do {
            try expectSense(filled)
          } catch {
            throw Failure("seed \(seed), round \(round), \(damage): \(error)\n\(daemon.standardError)")
          }
          daemon.kill()
        }
      }
    }
  }

  private func expectSense(_ filled: FilledDaemon) throws {
    let daemon = filled.daemon
    try daemon.launchAgain()
    try eventually("it serves, or refuses") { try daemon.hasEnded() || (try? daemon.ask("PING")) != nil }
    if try daemon.hasEnded() {
      guard try daemon.waitForExit() == .exited(78), daemon.warnings.count == 1 else {
        throw Failure("it ended with \(try daemon.waitForExit())")
      }
      return
    }
    _ = try filled.survivors()
    _ = try daemon.audit(tolerating: Flaw.Kind.meaningless)
    for number in 0..<20 { _ = try daemon.ask("SET new\(number) a 1").version }
    guard daemon.warnings.count <= 1 else { throw Failure("more than one warning") }
  }
}

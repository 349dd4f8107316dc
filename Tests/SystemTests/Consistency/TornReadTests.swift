import Glibc
import TestSupport
import Testing

/// Values carry their own proof and a number: no value is a mixture, no number goes back for a reader, and
/// none is older than what was acknowledged before the read began.
@Suite("Reads amid writes, ends, expiry, and an index that grows and shrinks")
struct TornReadTests {
  private static let seconds = Programs.runsLongTests ? 60.0 : 4.0

  private static let ways = [ProbeProcess.ReadWay.socket, .mapped, .both]

  private func expectPlenty(_ counts: Hammering.Counts, _ seed: UInt64) {
    for what in ["values", "missing", "writes", "removals", "made"] {
      #expect(counts[what, default: 0] >= 10, "\(what): too little to tell anything; seed \(seed)")
    }
  }

  @Test("are never torn and never stale")
  func hammer() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemon { daemon in
      let hammering = try Hammering(
        daemon, seconds: Self.seconds, readers: Self.ways, seed: seed)
      let counts = try hammering.finish(within: Self.seconds + 60)
      expectPlenty(counts, seed)
      #expect(try daemon.mappedHits() > 100)
    }
  }

  @Test("are never torn and never stale while the daemon is killed and started again")
  func kills() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    try withDaemon { daemon in
      let hammering = try Hammering(
        daemon, seconds: Self.seconds, readers: Self.ways, seed: seed)
      let end = secondsSinceBoot() + Self.seconds
      while secondsSinceBoot() < end {
        pause(milliseconds: UInt32(100 + random.pick(500)))
        try daemon.restart()
        try hammering.check()
      }
      let counts = try hammering.finish(within: 60)
      #expect(counts["lost", default: 0] > 0, "no kill met a write; seed \(seed)")
      expectPlenty(counts, seed)
    }
  }

  @Test("are never torn and never stale for readers that are stopped and continued, or killed, at any moment")
  func stops() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    try withDaemon { daemon in
      let hammering = try Hammering(
        daemon, seconds: Self.seconds, readers: Self.ways + Self.ways, seed: seed)
      let end = secondsSinceBoot() + Self.seconds * 0.9
      while secondsSinceBoot() < end {
        let reader = hammering.readers[random.pick(hammering.readers.count)]
        try reader.signal(SIGSTOP)
        pause(milliseconds: UInt32(1 + random.pick(50)))
        try reader.signal(SIGCONT)
        pause(milliseconds: UInt32(random.pick(5)))
        try hammering.check()
      }
      expectPlenty(try hammering.finish(within: 60), seed)
      // These come and go by the signal that nobody can catch.
      for number in 0..<10 {
        let victims = try Hammering.readers(
          daemon, seconds: 60, Self.ways, seed: seed &+ UInt64(10 * number + 10))
        pause(milliseconds: UInt32(20 + random.pick(100)))
        if number % 2 == 0 { for victim in victims { try victim.signal(SIGSTOP) } }
        for victim in victims {
          try victim.check()
          victim.kill()
        }
      }
      let connection = try daemon.connect()
      try daemon.waitUntilAlone(connection)
    }
  }
}

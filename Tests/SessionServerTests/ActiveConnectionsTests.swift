import TestSupport
import Testing

@testable import SessionServer

@Suite("How many connections take turns")
struct ActiveConnectionsTests {
  @Test("is few before anything came, and for as many as are few", arguments: 1...12)
  func known(count: Int) {
    var active = ActiveConnections()
    #expect(active.areFew)
    for number in 0..<10 * ActiveConnections.window { active.note(1000 + number % count) }
    #expect(active.areFew == (count <= ActiveConnections.few))
  }

  @Test("follows what changed within two windows")
  func changes() {
    var active = ActiveConnections()
    for round in 0..<20 {
      let count = round % 2 == 0 ? 50 : 2
      for number in 0..<2 * ActiveConnections.window { active.note(number % count) }
      #expect(active.areFew == (count == 2))
    }
  }

  @Test("is told whatever the numbers are")
  func numbers() {
    var random = SplitMix64(seed: 1)
    var active = ActiveConnections()
    for _ in 0..<10_000 { active.note(random.pick(.max)) }
    #expect(!active.areFew)
  }
}

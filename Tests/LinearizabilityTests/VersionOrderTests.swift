import Linearizability
import Testing

@Suite("Versions among all sessions")
struct VersionOrderTests {
  private func faults(_ first: [Operation], _ second: [Operation]) -> [String] {
    LinearizabilityChecker().faults(in: ["s1": first, "s2": second])
  }

  @Test("two sessions whose writes took turns are fine")
  func good() {
    let first = [during(0...1, set(1), .version(1)), during(4...5, set(2), .version(3))]
    let second = [during(2...3, set(1), .version(2)), during(4...5, set(2, if: 7), .conflict(current: 2))]
    #expect(faults(first, second) == [])
  }

  @Test("one version for two sessions is a fault")
  func repeated() {
    #expect(faults([during(0...9, set(1), .version(1))], [during(0...9, set(1), .version(1))]).count == 1)
  }

  @Test("a later write with a lower version is a fault")
  func backwards() {
    #expect(faults([during(0...1, set(1), .version(2))], [during(2...3, set(1), .version(1))]).count == 1)
    #expect(faults([during(0...2, set(1), .version(2))], [during(2...3, set(1), .version(1))]) == [])
  }

  @Test("the version of another session is a fault")
  func foreign() {
    let first = [during(0...1, set(1), .version(2))]
    let second = [
      during(0...1, .increment("a", by: 1), .number(1)), during(2...3, .info, .info(version: 2, keys: 1)),
    ]
    #expect(faults(first, second).count == 1)
  }

  @Test("a fault in one session is told with its name")
  func sessionFault() {
    let faults = faults([during(0...1, .get("a"), read(1))], [])
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("session s1: ") == true)
  }
}

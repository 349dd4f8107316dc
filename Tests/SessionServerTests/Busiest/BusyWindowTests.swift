import Testing

@testable import SessionServer

@Suite("The window of the busiest")
struct BusyWindowTests {
  private static let second: Int64 = 1_000_000_000
  private let a = Array("a".utf8)
  private let b = Array("b".utf8)

  private func counts(_ window: BusyWindow, at seconds: Int64) -> [[UInt8]: Double] {
    var counts: [[UInt8]: Double] = [:]
    window.add(to: &counts, at: seconds * Self.second)
    return counts
  }

  @Test("counts ten seconds whole, and lets them go within the next ten")
  func fades() {
    var window = BusyWindow()
    for _ in 0..<8 { window.add(a.span, at: 1003 * Self.second) }
    #expect(counts(window, at: 1003) == [a: 8])
    #expect(counts(window, at: 1009) == [a: 8])
    #expect(counts(window, at: 1010) == [a: 8])
    #expect(counts(window, at: 1015) == [a: 4])
    window.add(b.span, at: 1015 * Self.second)
    #expect(counts(window, at: 1015) == [a: 4, b: 1])
    #expect(counts(window, at: 1020) == [b: 1])
    window.add(a.span, at: 1025 * Self.second)
    #expect(counts(window, at: 1025) == [a: 1, b: 0.5])
    #expect(counts(window, at: 1040).isEmpty)
    window.add(b.span, at: 1100 * Self.second)
    #expect(counts(window, at: 1100) == [b: 1])
  }

  @Test("takes what another thread saw the clock say a moment ago")
  func disorder() {
    var window = BusyWindow()
    window.add(a.span, at: 1010 * Self.second)
    window.add(a.span, at: 1009 * Self.second)
    #expect(counts(window, at: 1009) == [a: 2])
    #expect(counts(window, at: 1010) == [a: 2])
  }

  @Test("adds to what other windows have counted; the busiest ones of all are told, each 64 times")
  func sum() {
    var (one, other) = (BusyWindow(), BusyWindow())
    for number in 0..<20 {
      let id = Array("s\(number)".utf8)
      for _ in 0..<number { one.add(id.span, at: 0) }
      if number == 3 { for _ in 0..<30 { other.add(id.span, at: 0) } }
    }
    var samples: [[UInt8]: Double] = [Array("c".utf8): 0.001]
    one.add(to: &samples, at: 0)
    other.add(to: &samples, at: 0)
    let busiest = BusySession.busiest(samples)
    #expect(busiest.count == BusySession.toldMost)
    #expect(busiest.prefix(3).map { String(decoding: $0.id, as: UTF8.self) } == ["s3", "s19", "s18"])
    #expect(busiest.prefix(3).map(\.count) == [33 * 64, 19 * 64, 18 * 64])
    #expect(
      BusySession.busiest([b: 0.5, a: 0.5, [99]: 0.001]) == [
        .init(id: a, count: 32), .init(id: b, count: 32),
      ])
    #expect(BusySession.busiest([:]).isEmpty)
  }
}

import SessionSegment
import TestSupport
import Testing

@testable import SessionCache

@Suite("The log of ends") struct EndLogTests {
  private func makeLog(capacity: Int = EndLog.capacity) -> EndLog {
    EndLog(seed: HashSeed(first: 1, second: 2), capacity: capacity)
  }

  private func note(
    _ log: EndLog, _ id: String, _ cause: EndCause = .deleted, by origin: ChangeOrigin? = nil, at: Int64 = 0
  ) {
    Array(id.utf8).withUnsafeBytes { log.note($0, cause, by: origin, at: at) }
  }

  private func find(_ log: EndLog, _ id: String) -> EndLog.End? { log.find(Array(id.utf8).span) }

  @Test("an end is found with all that was noted of it, and no other id is")
  func found() {
    let log = makeLog()
    #expect(find(log, "a") == nil)
    let origin = ChangeOrigin(uid: 1000, pid: 4711)
    note(log, "a", .revoked, by: origin, at: 17)
    note(log, "b", .idle, at: 18)
    #expect(find(log, "a") == .init(cause: .revoked, origin: origin, at: 17))
    #expect(find(log, "b") == .init(cause: .idle, origin: nil, at: 18))
    for other in ["", "c", "aa", "ab", String(repeating: "a", count: 256)] {
      #expect(find(log, other) == nil)
    }
  }

  @Test("the newest end of an id wins", arguments: [1, 3, 100])
  func newest(capacity: Int) {
    let log = makeLog(capacity: capacity)
    for (at, cause) in EndCause.allCases.enumerated() {
      note(log, "a", cause, at: Int64(at))
      #expect(find(log, "a") == .init(cause: cause, origin: nil, at: Int64(at)))
    }
  }

  @Test("ids of every length are told apart, also by their last byte")
  func lengths() {
    let log = makeLog()
    for length in 1...255 {
      note(log, String(repeating: "x", count: length - 1) + "1", at: Int64(length))
      note(log, String(repeating: "x", count: length - 1) + "2", at: Int64(length) + 1000)
    }
    for length in 1...255 {
      #expect(find(log, String(repeating: "x", count: length - 1) + "1")?.at == Int64(length))
      #expect(find(log, String(repeating: "x", count: length - 1) + "2")?.at == Int64(length) + 1000)
      #expect(find(log, String(repeating: "x", count: length - 1) + "3") == nil)
    }
  }

  @Test("just the last 10,000 ends are remembered")
  func bounded() {
    let log = makeLog()
    for number in 0..<25_000 { note(log, "id-\(number)", at: Int64(number)) }
    #expect((0..<15_000).allSatisfy { find(log, "id-\($0)") == nil })
    #expect((15_000..<25_000).allSatisfy { find(log, "id-\($0)")?.at == Int64($0) })
  }

  @Test("agrees with a plain list, whatever ends how often", arguments: [UInt64.random(in: 1...UInt64.max)])
  func model(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for capacity in [1, 2, 7, 64] {
      let log = makeLog(capacity: capacity)
      var list: [(id: String, at: Int64)] = []
      for at in 0..<5_000 {
        let id = String(repeating: "i", count: random.pick(200)) + String(random.pick(capacity * 2))
        note(log, id, at: Int64(at))
        list.append((id, Int64(at)))
        if list.count > capacity { list.removeFirst() }
        let asked = list[random.pick(list.count)].id
        #expect(find(log, asked)?.at == list.last { $0.id == asked }?.at, "seed \(seed)")
        let other = String(random.pick(capacity * 2))
        #expect(find(log, other)?.at == list.last { $0.id == other }?.at, "seed \(seed)")
      }
    }
  }
}

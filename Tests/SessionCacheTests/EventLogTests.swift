import Synchronization
import TestSupport
import Testing

@testable import SessionCache

@Suite("The event log") struct EventLogTests {
  /// A log, the number that its segment would hold, and how often each of its wake-ups came.
  private final class Rig: Sendable {
    let kept = Atomic<UInt64>(0)
    let timesWoken = Atomic<Int>(0)
    let timesReclaimerWoken = Atomic<Int>(0)

    func log(last: UInt64 = 0, eventsMost: Int = 1024, bytesMost: Int = 1 << 16) -> EventLog {
      EventLog(
        last: last, eventsMost: eventsMost, bytesMost: bytesMost,
        keepNumber: { self.kept.store($0, ordering: .relaxed) },
        wakeReclaimer: { self.timesReclaimerWoken.wrappingAdd(1, ordering: .relaxed) })
    }

    func listener() -> EventListener {
      EventListener { self.timesWoken.wrappingAdd(1, ordering: .relaxed) }
    }

    var woken: Int { timesWoken.load(ordering: .relaxed) }
    var number: UInt64 { kept.load(ordering: .relaxed) }
  }

  private struct Told: Equatable {
    var event: EventPortion.Event
    var id: String
    var to = ""
  }

  private func append(
    _ log: EventLog, _ id: String, _ kind: EventKind = .set, version: UInt64 = 1, to: String? = nil
  ) {
    Array(id.utf8).withUnsafeBytes { id in
      guard let to else { return log.append(kind, id, version: version) }
      Array(to.utf8).withUnsafeBytes { log.append(kind, id, version: version, to: $0) }
    }
  }

  /// All events behind a number, read in portions; nil if some are gone.
  private func read(_ log: EventLog, after number: UInt64, bytesMost: Int = 4096) -> [Told]? {
    var portion = EventPortion()
    var position = number
    var told: [Told] = []
    while true {
      switch log.read(after: position, bytesMost: bytesMost, into: &portion) {
      case .overtaken: return nil
      case .upToDate: return told
      case .some:
        portion.forEachEvent { event, id, to in
          func text(_ span: Span<UInt8>) -> String {
            String(decoding: (0..<span.count).map { span[$0] }, as: UTF8.self)
          }
          told.append(Told(event: event, id: text(id), to: text(to)))
        }
        position = portion.last
      }
    }
  }

  @Test("tells nothing of what was before the first watcher, and then everything in order")
  func order() {
    let rig = Rig()
    let log = rig.log()
    append(log, "unseen")
    let (extent, wasOff) = log.join(rig.listener(), wallClock: 5_000_999)
    #expect(wasOff)
    #expect(extent == .init(last: 5000, completeAfter: 5000))
    #expect(rig.number == 5000)
    #expect(read(log, after: 5000) == [])
    for (index, kind) in EventKind.allCases.enumerated() {
      append(log, "s\(index)", kind, version: UInt64(index) << 50, to: kind == .rename ? "new" : nil)
    }
    let told = read(log, after: 5000)
    #expect(
      told
        == EventKind.allCases.enumerated().map { index, kind in
          Told(
            event: .init(number: 5001 + UInt64(index), kind: kind, version: UInt64(index) << 50),
            id: "s\(index)", to: kind == .rename ? "new" : "")
        })
    #expect(log.lastNumber == 5006)
    #expect(rig.number == 5006)
    #expect(read(log, after: 5004)?.map(\.id) == ["s4", "s5"])
    #expect(
      log.join(rig.listener(), wallClock: 9_000_000_000).extent == .init(last: 5006, completeAfter: 5000))
  }

  @Test("numbers go on behind the segment's, where the wall clock is behind it")
  func numbersAfterRestart() {
    let rig = Rig()
    let log = rig.log(last: 7000)
    #expect(log.join(rig.listener(), wallClock: 6_000_000).extent == .init(last: 7001, completeAfter: 7001))
    append(log, "s")
    #expect(read(log, after: 7001)?.map(\.event.number) == [7002])
    #expect(read(log, after: 7000) == nil)
  }

  @Test("a number that no clock could have brought about, and a clock before 1970, are not believed")
  func nonsense() {
    let rig = Rig()
    for last in [.max, .max - 1, 1 << 63, 1 << 53] as [UInt64] {
      #expect(rig.log(last: last).join(rig.listener(), wallClock: -5).extent.last == 1)
    }
    #expect(rig.log().join(rig.listener(), wallClock: .max).extent.last < 1 << 53)
  }

  @Test("the oldest make room, by number and by bytes, and whoever was behind them learns it")
  func overrun() {
    let rig = Rig()
    let log = rig.log(eventsMost: 64, bytesMost: 1 << 16)
    let start = log.join(rig.listener(), wallClock: 0).extent.last
    for number in 0..<100 { append(log, "s\(number)") }
    #expect(read(log, after: start) == nil)
    #expect(log.completeAfter == start + 36)
    #expect(read(log, after: start + 35) == nil)
    #expect(read(log, after: start + 36)?.map(\.id) == (36..<100).map { "s\($0)" })
    for _ in 0..<100 {
      append(log, String(repeating: "x", count: 255), .rename, to: String(repeating: "y", count: 255))
    }
    #expect(log.completeAfter == start + 136)

    let small = rig.log(eventsMost: 64, bytesMost: 2048)
    let begin = small.join(rig.listener(), wallClock: 0).extent.last
    for _ in 0..<100 { append(small, String(repeating: "x", count: 255)) }
    // A record of 255 bytes takes 272.
    #expect(small.completeAfter == begin + 100 - 7)
    #expect(read(small, after: small.completeAfter)?.count == 7)
  }

  @Test("agrees with a plain list, whatever the sizes", arguments: [UInt64.random(in: 1...UInt64.max)])
  func model(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let rig = Rig()
    for (eventsMost, bytesMost) in [(8, 2048), (128, 2048), (64, 16384)] {
      let log = rig.log(eventsMost: eventsMost, bytesMost: bytesMost)
      let start = log.join(rig.listener(), wallClock: 0).extent.last
      var list: [Told] = []
      for step in 0..<4000 {
        let kind = EventKind.allCases[random.pick(6)]
        let id = String(repeating: "i", count: 1 + random.pick(255))
        let to = kind == .rename ? String(repeating: "t", count: 1 + random.pick(255)) : nil
        append(log, id, kind, version: UInt64(step), to: to)
        list.append(
          Told(
            event: .init(number: start + 1 + UInt64(step), kind: kind, version: UInt64(step)), id: id,
            to: to ?? ""))
        let kept = Int(log.lastNumber - log.completeAfter)
        #expect(kept >= 1 && kept <= eventsMost, "seed \(seed)")
        guard step % 7 == 0 else { continue }
        let after = log.completeAfter + UInt64(random.pick(kept))
        let wanted = list.suffix(Int(log.lastNumber - after))
        let isSame = read(log, after: after, bytesMost: 1 << random.pick(13)) == Array(wanted)
        #expect(isSame, "seed \(seed), step \(step)")
      }
    }
  }

  @Test("a portion has at most so many bytes, but an event at least")
  func portions() {
    let rig = Rig()
    let log = rig.log()
    let start = log.join(rig.listener(), wallClock: 0).extent.last
    for _ in 0..<10 { append(log, "eight by") }
    var portion = EventPortion()
    #expect(log.read(after: start, bytesMost: 0, into: &portion) == .some)
    #expect(portion.count == 1)
    #expect(log.read(after: start, bytesMost: 24 * 3 + 23, into: &portion) == .some)
    #expect(portion.count == 3)
    #expect(portion.last == start + 3)
    #expect(log.read(after: start + 10, bytesMost: 1000, into: &portion) == .upToDate)
    var numbers: [UInt64] = []
    portion.forEachEvent(after: start + 1) { event, _, _ in numbers.append(event.number) }
    #expect(numbers == [start + 2, start + 3])
  }

  @Test("a listener is woken once, and again only when it has come by")
  func wakes() {
    let rig = Rig()
    let log = rig.log()
    let listener = rig.listener()
    _ = log.join(listener, wallClock: 0)
    log.wakeListeners()
    #expect(rig.woken == 0)
    for _ in 0..<3 {
      append(log, "s")
      log.wakeListeners()
      log.wakeListeners()
    }
    #expect(rig.woken == 1)
    listener.comeBy()
    log.wakeListeners()
    #expect(rig.woken == 1)
    append(log, "s")
    log.wakeListeners(but: listener)
    #expect(rig.woken == 1)
    append(log, "s")
    log.wakeListeners()
    #expect(rig.woken == 2)
  }

  @Test("nobody is woken who does not watch any more")
  func leaving() {
    let rig = Rig()
    let log = rig.log()
    let (first, second) = (rig.listener(), rig.listener())
    _ = log.join(first, wallClock: 0)
    _ = log.join(first, wallClock: 0)
    _ = log.join(second, wallClock: 0)
    log.leave(first)
    append(log, "s")
    log.wakeListeners()
    #expect(rig.woken == 2)
    first.comeBy()
    log.leave(first)
    append(log, "s")
    log.wakeListeners()
    #expect(rig.woken == 2)
    #expect(rig.timesReclaimerWoken.load(ordering: .relaxed) == 0)
    log.leave(second)
    #expect(rig.timesReclaimerWoken.load(ordering: .relaxed) == 1)
  }

  @Test("goes on for a while when nobody watches, so that who comes back misses nothing; then it is off")
  func retention() {
    let rig = Rig()
    let log = rig.log()
    let listener = rig.listener()
    #expect(log.retire(at: 0) == .max)
    let start = log.join(listener, wallClock: 0).extent.last
    #expect(log.retire(at: 1000) == .max)
    log.leave(listener)
    #expect(log.retire(at: 1000) == 1000 + EventLog.retention)
    append(log, "meanwhile")
    #expect(log.retire(at: 999 + EventLog.retention) == 1000 + EventLog.retention)
    #expect(log.join(listener, wallClock: 0) == (.init(last: start + 1, completeAfter: start), false))
    #expect(read(log, after: start)?.map(\.id) == ["meanwhile"])
    #expect(log.retire(at: 1001 + EventLog.retention) == .max)

    // The time begins anew.
    log.leave(listener)
    let left = 2000 + EventLog.retention
    #expect(log.retire(at: left) == left + EventLog.retention)
    #expect(log.retire(at: left + EventLog.retention) == .max)
    append(log, "unseen")
    #expect(read(log, after: start) == nil)
    // A number is left out, so that nobody takes the gap for silence.
    #expect(log.join(listener, wallClock: 0) == (.init(last: start + 2, completeAfter: start + 2), true))
    #expect(read(log, after: start + 1) == nil)
    append(log, "seen")
    #expect(read(log, after: start + 2)?.map(\.event.number) == [start + 3])
  }
}

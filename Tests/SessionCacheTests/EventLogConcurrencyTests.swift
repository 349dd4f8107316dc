import Synchronization
import SystemCalls
import Testing

@testable import SessionCache

@Suite("The event log among threads") struct EventLogConcurrencyTests {
  /// A thread's doorbell; it says when it was not rung for long.
  private final class Bell: Sendable {
    private let lock = MutexLock()
    private let rings = Atomic<Int>(0)

    func ring() {
      lock.withLock {
        rings.wrappingAdd(1, ordering: .relaxed)
        lock.signal()
      }
    }

    /// Waits for the next ring; false if none comes.
    func wait() -> Bool {
      lock.withLock {
        for _ in 0..<2000 {
          if rings.exchange(0, ordering: .relaxed) > 0 { return true }
          lock.wait(nanoseconds: 10_000_000)
        }
        return false
      }
    }
  }

  /// What a reader made of the log; one thread's own until that is joined.
  private final class Findings: @unchecked Sendable {
    // Safe to share: written by the reader's thread, read behind its join.
    var isWhole = true
    var count = 0
  }

  private static let writers = 3
  private static let eventsEach = 8000

  /// Reads until all events have come: all numbers, and those of each writer in its order.
  private func read(
    _ log: EventLog, _ listener: EventListener, _ bell: Bell, from start: UInt64, _ findings: Findings
  ) {
    var portion = EventPortion()
    var position = start
    var versions = [UInt64](repeating: 0, count: Self.writers)
    while findings.count < Self.writers * Self.eventsEach, findings.isWhole {
      guard bell.wait() else {
        findings.isWhole = false
        return
      }
      listener.comeBy()
      while log.read(after: position, bytesMost: 1000, into: &portion) == .some {
        portion.forEachEvent(after: position) { event, id, _ in
          let writer = Int(id[0])
          findings.count += 1
          versions[writer] += 1
          if event.number != start + UInt64(findings.count) || event.version != versions[writer] {
            findings.isWhole = false
          }
        }
        position = portion.last
      }
    }
  }

  @Test("every listener gets every event, in order, and no wake-up is lost")
  func concurrent() throws {
    let log = EventLog(
      last: 0, eventsMost: 1 << 16, bytesMost: 1 << 21, keepNumber: { _ in }, wakeReclaimer: {})
    var threads: [ServiceThread] = []
    var findings: [Findings] = []
    for index in 0..<2 {
      let bell = Bell()
      let listener = EventListener { bell.ring() }
      let start = log.join(listener, wallClock: 0).extent.last
      let found = Findings()
      findings.append(found)
      threads.append(
        try ServiceThread(name: "reader-\(index)") { read(log, listener, bell, from: start, found) })
    }
    for writer in 0..<Self.writers {
      threads.append(
        try ServiceThread(name: "writer-\(writer)") {
          for version in 1...UInt64(Self.eventsEach) {
            [UInt8(writer)].withUnsafeBytes { log.append(.set, $0, version: version) }
            log.wakeListeners()
          }
        })
    }
    for thread in threads { thread.join() }
    for found in findings {
      #expect(found.isWhole)
      #expect(found.count == Self.writers * Self.eventsEach)
    }
  }

  @Test("watchers that come and go while others write disturb nobody")
  func comingAndGoing() throws {
    let log = EventLog(last: 0, eventsMost: 1024, bytesMost: 1 << 16, keepNumber: { _ in }, wakeReclaimer: {})
    let isOver = Atomic<Bool>(false)
    let writer = try ServiceThread(name: "writer") {
      var version: UInt64 = 0
      while !isOver.load(ordering: .relaxed) {
        version += 1
        [UInt8(1)].withUnsafeBytes { log.append(.set, $0, version: version) }
        log.wakeListeners()
      }
    }
    var portion = EventPortion()
    var last: UInt64 = 0
    for round in 0..<2000 {
      let listener = EventListener {}
      let extent = log.join(listener, wallClock: 0).extent
      #expect(extent.last >= last)
      last = extent.last
      _ = log.read(after: extent.last, bytesMost: 1000, into: &portion)
      log.leave(listener)
      if round % 10 == 0 {
        let due = log.retire(at: Int64(round))
        if due != .max { _ = log.retire(at: due) }
      }
    }
    isOver.store(true, ordering: .relaxed)
    writer.join()
    #expect(log.lastNumber >= last)
  }
}

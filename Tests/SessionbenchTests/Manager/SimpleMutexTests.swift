import SystemCalls
import Testing

@testable import sessionbench

@Suite("The baseline", .timeLimit(.minutes(5))) struct SimpleMutexTests {
  private static let hour = 3_600_000

  @Test("loses no change of many threads") func exclusion() throws {
    let place = try DatabasePlace()
    let mutex = try SimpleMutex(place.path, idle: Self.hour)
    let ids = [SessionShape.id(1), SessionShape.id(2)]
    for id in ids { try mutex.create(id) }
    let visits = try #require(try mutex.load(ids[0])).visits

    let (threadCount, changes) = (8, 50)
    let failures = Guarded<[String]>([])
    let threads = try (0..<threadCount).map { number in
      try ServiceThread(name: "test") {
        do {
          for change in 0..<changes {
            let count = try mutex.use(ids[(number + change) % ids.count]) { record in
              record.visits += 1
              return record.visits
            }
            if count == nil { failures.withLock { $0.append("no session") } }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    for thread in threads { thread.join() }

    #expect(failures.withLock { $0 } == [])
    var sum = 0
    for id in ids {
      let record = try #require(try mutex.load(id))
      sum += record.visits - visits
    }
    #expect(sum == threadCount * changes)
  }

  @Test("reads what was written, also by another one of the same file") func values() throws {
    let place = try DatabasePlace()
    let mutex = try SimpleMutex(place.path, idle: Self.hour)
    let id = SessionShape.id(3)
    #expect(try mutex.read(id) == nil)
    #expect(throws: BenchmarkFailure.self) { try mutex.write(id, "x") }
    try mutex.create(id)
    #expect(try mutex.read(id) == SessionShape.value(id))
    try mutex.write(id, "changed")
    #expect(try mutex.read(id) == "changed")
    #expect(try SimpleMutex(place.path, idle: Self.hour).read(id) == "changed")
  }

  @Test("saves with each use when that was") func uses() throws {
    let place = try DatabasePlace()
    let mutex = try SimpleMutex(place.path, idle: Self.hour)
    let id = SessionShape.id(4)
    try mutex.create(id)
    // As if it had been used at the beginning of 1970: the use that says so is saved with its own time.
    _ = try mutex.use(id) { $0.used = 0 }
    let record = try #require(try mutex.load(id))
    #expect(record.used >= record.created)
  }

  @Test("does not find a session whose idle time is over") func over() throws {
    let place = try DatabasePlace()
    let mutex = try SimpleMutex(place.path, idle: 0)
    let id = SessionShape.id(5)
    try mutex.create(id)
    #expect(try mutex.read(id) == nil)
  }

  @Test("gives back the lock and the transaction when a use fails") func failure() throws {
    let place = try DatabasePlace()
    let mutex = try SimpleMutex(place.path, idle: Self.hour)
    let id = SessionShape.id(6)
    try mutex.create(id)
    #expect(throws: BenchmarkFailure.self) {
      try mutex.use(id) { record in
        record.visits = 0
        throw BenchmarkFailure("planned")
      }
    }
    #expect(try mutex.load(id)?.visits == 42)
    try mutex.write(id, "changed")
    #expect(try mutex.read(id) == "changed")
  }

  @Test("says what can't be opened") func unopenable() throws {
    #expect(throws: BenchmarkFailure.self) { try SimpleMutex("/dev/null/sessions.db", idle: 1) }
  }
}

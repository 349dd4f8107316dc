import Glibc
import SystemCalls

/// The cache under many threads at once, built with the thread sanitizer, which sees a race only where both
/// sides use one mapping: so here readers without a lock read the very mapping that writers write.
///
/// Every value proves itself, and its number says how old it is. SESSIOND_LONG_TESTS=1 makes each part run
/// for a minute.
@main
enum CacheStress {
  static func main() {
    do {
      try runAll()
    } catch {
      print("cache stress: \(error)")
      exit(1)
    }
  }

  private static func runAll() throws {
    let isLong = getenv("SESSIOND_LONG_TESTS").map { String(cString: $0) } == "1"
    let seconds = isLong ? 60.0 : 5.0
    let seed = UInt64.random(in: 0...UInt64.max)
    print("cache stress: seed \(seed)")
    try run(.oneWriter, seconds, seed)
    try run(.everything, seconds, seed &+ 1)
    try run(.eviction, seconds, seed &+ 2)
  }

  private static func run(_ plan: StressPlan, _ seconds: Double, _ seed: UInt64) throws {
    let shared = try SharedCache(plan, seconds: seconds)
    var threads: [ServiceThread] = []
    func start(_ name: String, _ count: Int, _ body: @escaping @Sendable (Int, UInt64) -> Void) throws {
      for number in 0..<count {
        let threadSeed = seed &+ UInt64(threads.count) &* 7919
        threads.append(try ServiceThread(name: "\(name)-\(number)") { body(number, threadSeed) })
      }
    }
    try start("writer", plan.writers) { StressWriter(shared, $0, $1).run() }
    try start("lockless", plan.locklessReaders) { LocklessReader(shared, $1).run() }
    try start("locked", plan.lockedReaders) { LockedReader(shared, $1).run() }
    if plan.hasTurmoil {
      try start("expiry", 1) { _, _ in Turmoil.expire(shared) }
      try start("lister", 1) { _, _ in Turmoil.list(shared) }
      try start("crowd", plan.isCrowded ? 4 : 1) { number, _ in
        if plan.isCrowded { Turmoil.overfill(shared, number) } else { Turmoil.crowd(shared) }
      }
    }
    for thread in threads { thread.join() }
    print("cache stress: \(plan.name): \(shared.summary)")
    try shared.verify()
  }
}

/// What was seen that must not be.
struct StressFailure: Error, CustomStringConvertible {
  let description: String
}

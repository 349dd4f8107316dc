import CLinux
import Glibc
import SessionStore
import StoreSupport
import SystemCalls
import TestSupport

/// Measures the SQLite store: batches of 10,000 changes, with and without sync, and the warm start.
///
///     swift run -c release StoreSpeed [RECORDS [DIRECTORY]]
///
/// With RECORDS (1,000,000) sessions of about 300 bytes in a new directory beneath DIRECTORY (/var/tmp), which is
/// removed at the end.
@main
struct StoreSpeed {
  private static let batch = 10_000

  static func main() throws {
    let arguments = CommandLine.arguments
    let count = arguments.count > 1 ? Int(arguments[1]) ?? 1_000_000 : 1_000_000
    var template = Array("\(arguments.count > 2 ? arguments[2] : "/var/tmp")/store-speed-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno) }
    let directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer {
      for suffix in ["", "-wal", "-shm", "-lock"] { unlink("\(directory)/sessions.db\(suffix)") }
      rmdir(directory)
    }
    let store = SQLiteStore(path: "\(directory)/sessions.db")
    _ = try store.open()
    try measureSmall(store)
    try measureLarge(store, count)
    store.close()
    for isCold in [true, false] {
      if isCold { try forget("\(directory)/sessions.db") }
      let again = SQLiteStore(path: "\(directory)/sessions.db")
      try measure("open, closed before\(isCold ? ", as after a boot" : "")") { _ = try again.open() }
      try measureWarmStart(again)
      again.close()
    }
  }

  /// Has the kernel drop what it keeps of a file in memory.
  private static func forget(_ path: String) throws {
    let file = try Descriptor.open(path, O_RDONLY)
    fsync(file.number)
    posix_fadvise(file.number, 0, 0, POSIX_FADV_DONTNEED)
  }

  private static func measure(_ what: String, per elements: Int = 1, _ body: () throws -> Void) throws {
    let start = linux_boottime_ns()
    try body()
    let nanoseconds = linux_boottime_ns() - start
    let each = elements > 1 ? ", \(elements * 1_000_000_000 / max(1, Int(nanoseconds))) a second" : ""
    print("\(what): \(Double(nanoseconds / 10_000) / 100) ms\(each)")
  }

  private static func record(_ number: Int, _ version: UInt64, bytes: Int) -> StoredRecord {
    // The time to live of one in ten is a day, of the others half an hour: they are idle for as long at most.
    let ttl: Int64 = (number % 10 == 0 ? 86_400 : 1800) * 1_000_000_000
    let now = BootClock.system.wallClock()
    let id = "session-" + String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
    return StoredRecord(
      id: Array(id.utf8), version: version, created: now, ttl: ttl, deadline: now + ttl,
      tags: [Array("user:\(number / 2)".utf8)],
      fields: [(Array("data".utf8), [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes))])
  }

  private static func measureSmall(_ store: SQLiteStore) throws {
    for round in 0..<4 {
      let changes = (0..<batch).map {
        StoreChange.save(record($0, UInt64(round * batch + $0 + 1), bytes: 1000), replacing: nil)
      }
      try measure("\(round == 0 ? "make" : "replace") 10,000 of 1 kB", per: batch) {
        _ = try store.apply(changes, sync: false)
      }
    }
    let one = [StoreChange.save(record(1, 1 << 40, bytes: 1000), replacing: nil)]
    try measure("100 commits with sync", per: 100) {
      for _ in 0..<100 { _ = try store.apply(one, sync: true) }
    }
    let fifty = (0..<50).map { StoreChange.save(record($0, 1 << 40, bytes: 1000), replacing: nil) }
    try measure("100 commits of 50 with sync", per: 5000) {
      for _ in 0..<100 { _ = try store.apply(fifty, sync: true) }
    }
    let ids = (0..<batch).map { record($0, 1, bytes: 0).id }
    try measure("load 10,000 one by one", per: batch) { for id in ids { _ = try store.records([id]) } }
    try measure("remove 10,000", per: batch) {
      _ = try store.apply(ids.map { .remove($0, replacing: nil) }, sync: false)
    }
  }

  private static func measureLarge(_ store: SQLiteStore, _ count: Int) throws {
    try measure("make \(count) of 300 bytes in batches", per: count) {
      for first in stride(from: 0, to: count, by: batch) {
        let changes = (first..<min(first + batch, count)).map {
          StoreChange.save(record($0, 1 << 41 + UInt64($0), bytes: 230), replacing: nil)
        }
        _ = try store.apply(changes, sync: false)
      }
    }
    var random = SplitMix64(seed: 1)
    for _ in 0..<5 {
      let changes = (0..<batch).map { _ in
        let number = random.pick(count)
        return StoreChange.save(record(number, 1 << 42, bytes: 230), replacing: nil)
      }
      try measure("replace 10,000 at random", per: batch) { _ = try store.apply(changes, sync: false) }
    }
  }

  private static func measureWarmStart(_ store: SQLiteStore) throws {
    var count = 0
    var cursor: StoreCursor?
    let start = linux_boottime_ns()
    repeat {
      let page = try store.recent(from: cursor, limit: 1000)
      count += page.elements.count
      cursor = page.next
    } while cursor != nil
    let nanoseconds = linux_boottime_ns() - start
    print("warm start: \(count) records, \(count * 1_000_000_000 / max(1, Int(nanoseconds))) a second")
    try measure("deleting 1000 that have ended, of which there are none") {
      _ = try store.deleteExpired(endedFor: 0, limit: 1000)
    }
  }
}

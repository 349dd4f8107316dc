import StoreSupport
import TestSupport
import Testing

@testable import SessionStore

struct RedisValueTests {
  private func value(_ record: StoredRecord) -> [UInt8] {
    var stamp: [UInt8] = (0..<8).map { UInt8(truncatingIfNeeded: record.version >> (8 * $0)) }
    stamp += RedisValue.deadline(record.deadline)
    return Array(RedisValue.magic.utf8) + stamp + stamp + RedisValue.rest(of: record)
  }

  private let record = StoredRecord(
    id: Array("s1".utf8), version: 1 << 52, created: 1_700_000_000_000_000_001, ttl: 3_600_000_000_007,
    deadline: 1_700_003_600_000_000_009, tags: [Array("t".utf8), Array("user:1".utf8)],
    fields: [(Array("a".utf8), Array("\"text\"".utf8)), (Array("b".utf8), [])])

  @Test("a record is read out of its value as it was")
  func roundTrip() {
    #expect(RedisValue.read(value(record), id: record.id) == .record(record))
    var mark = StoredRecord.mark("s1", of: "s2", version: 3, at: 1, ttl: 5)
    #expect(RedisValue.read(value(mark), id: mark.id) == .record(mark))
    (mark.deadline, mark.created) = (.max, -1)
    #expect(RedisValue.read(value(mark), id: mark.id) == .record(mark))
  }

  @Test("a value under another id, of a version too great, or of another format is not read")
  func strangers() {
    #expect(RedisValue.read(value(record), id: Array("s2".utf8)) == .damaged)
    var late = record
    late.version = 1 << 53
    #expect(RedisValue.read(value(late), id: late.id) == .damaged)
    late.version = 0
    #expect(RedisValue.read(value(late), id: late.id) == .damaged)
    #expect(RedisValue.read([], id: record.id) == .foreign)
    #expect(RedisValue.read(Array("SsD2".utf8) + value(record).dropFirst(4), id: record.id) == .foreign)
    #expect(RedisValue.read(Array("SsD1".utf8), id: record.id) == .damaged)
  }

  @Test("every byte that is changed, left out or added shows")
  func damage() {
    let whole = value(record)
    for place in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[place] ^= 1 << bit
        #expect(RedisValue.read(bytes, id: record.id) != .record(record))
        if case .record = RedisValue.read(bytes, id: record.id) {
          Issue.record("bit \(bit) of byte \(place)")
        }
      }
      if case .record = RedisValue.read(Array(whole[..<place]), id: record.id) {
        Issue.record("\(place) bytes")
      }
    }
    if case .record = RedisValue.read(whole + [0], id: record.id) { Issue.record("one more byte") }
  }
}

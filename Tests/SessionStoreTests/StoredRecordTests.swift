import SessionStore
import Testing

struct StoredRecordTests {
  @Test("the tags of a record are read out of its body, and no further than it goes")
  func tagsOfBody() {
    var record = StoredRecord(
      id: Array("s".utf8), kind: .session, version: 1, created: 0, ttl: 1, deadline: 1, tagCount: 2,
      tagBytes: 6,
      fieldCount: 0, body: [1] + Array("a".utf8) + [3] + Array("bcd".utf8))
    #expect(record.tags == [Array("a".utf8), Array("bcd".utf8)])
    record.body.removeLast()
    #expect(record.tags == [Array("a".utf8)])
  }
}

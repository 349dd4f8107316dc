import Testing

@testable import SessionStore

struct InvalidationReaderTests {
  private func bytes(_ text: String) -> RedisReply { .string(Array(text.utf8)) }

  private func reader() -> InvalidationReader {
    InvalidationReader(
      keyPrefix: Array("p:s:".utf8), changes: Array("p:changes".utf8), origin: Array("me--".utf8))
  }

  private func announced(by who: String, _ id: String) -> RedisReply {
    .array([bytes("message"), bytes("p:changes"), bytes(who + id)])
  }

  private func invalidated(_ ids: String...) -> RedisReply {
    .array([bytes("message"), bytes("__redis__:invalidate"), .array(ids.map { bytes("p:s:\($0)") })])
  }

  private func changed(_ ids: String...) -> InvalidationReader.Event { .changed(ids.map { Array($0.utf8) }) }

  @Test("what was announced by others, or by nobody, is told; what only we announced is not")
  func origins() {
    var reader = reader()
    #expect(reader.event(of: announced(by: "me--", "a")) == .other)
    #expect(reader.event(of: announced(by: "you-", "b")) == .other)
    #expect(reader.event(of: invalidated("a", "b", "c")) == changed("b", "c"))
    // Each announcement counts for one message of the server.
    #expect(reader.event(of: invalidated("a")) == changed("a"))
  }

  @Test("a change of ours amid others' is told as theirs, in whatever order they were")
  func mixed() {
    for order in [["me--", "you-"], ["you-", "me--"], ["me--", "you-", "me--"]] {
      var reader = reader()
      for who in order { #expect(reader.event(of: announced(by: who, "a")) == .other) }
      #expect(reader.event(of: invalidated("a")) == changed("a"))
    }
    var reader = reader()
    for _ in 0..<3 { #expect(reader.event(of: announced(by: "me--", "a")) == .other) }
    #expect(reader.event(of: invalidated("a")) == changed())
  }

  @Test("after all was emptied, nothing that was announced before counts")
  func flushed() {
    var reader = reader()
    _ = reader.event(of: announced(by: "me--", "a"))
    #expect(reader.event(of: .array([bytes("message"), bytes("__redis__:invalidate"), .null])) == .flushed)
    #expect(reader.event(of: invalidated("a")) == changed("a"))
  }

  @Test("keys of others and the empty id are passed over; what no server sends is found out")
  func strange() {
    var reader = reader()
    #expect(reader.event(of: invalidated("")) == changed())
    let other = RedisReply.array([bytes("message"), bytes("__redis__:invalidate"), .array([bytes("q:s:a")])])
    #expect(reader.event(of: other) == changed())
    #expect(reader.event(of: .array([bytes("pong"), bytes("")])) == .pong)
    #expect(reader.event(of: .error("BUSY Redis is busy running a script.")) == .pong)
    #expect(reader.event(of: .array([bytes("subscribe"), bytes("x"), .integer(1)])) == .other)
    for reply: RedisReply in [
      .null, .integer(1), .status("PONG"), .error("ERR"), .array([]), .array([bytes("message")]),
      .array([bytes("message"), bytes("other"), bytes("x")]),
      .array([bytes("message"), bytes("__redis__:invalidate"), .integer(1)]),
      .array([bytes("message"), bytes("__redis__:invalidate"), .array([.integer(1)])]),
      .array([bytes("message"), bytes("p:changes"), .null]),
    ] {
      #expect(reader.event(of: reply) == nil)
    }
  }
}

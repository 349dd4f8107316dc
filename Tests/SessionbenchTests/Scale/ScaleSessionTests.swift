import Testing

@testable import sessionbench

@Suite("The small sessions of the scale")
struct ScaleSessionTests {
  private func text(_ request: RequestTemplate) -> String { String(decoding: request.bytes, as: UTF8.self) }

  @Test("have 128 bytes of id, key and value, another value each")
  func size() {
    for number in 0..<100 {
      let id = SessionShape.id(number)
      let json = ScaleSession.json(id)
      #expect(json.utf8.count == ScaleSession.valueBytes)
      #expect(id.utf8.count + ScaleSession.key.utf8.count + json.utf8.count == 128)
      #expect(json.hasPrefix("\"\(id)\(id)"))
    }
  }

  @Test("are named in a request wherever their id stands, again and again")
  func naming() throws {
    var (creation, change, read) = (
      try ScaleSession.creation(), try ScaleSession.change(), try ScaleSession.read()
    )
    for number in [3, 0, 41, 5_000_000] {
      let id = SessionShape.id(number)
      creation.name(id)
      change.name(id)
      read.name(id)
      #expect(text(creation) == "MSET \(id) TTL 86400 {\"data\":\(ScaleSession.json(id))}\n")
      #expect(text(change) == "SET \(id) data \(ScaleSession.json(id))\n")
      #expect(text(read) == "GET \(id) data\n")
    }
  }

  @Test("must be named by a request")
  func unnamed() {
    #expect(throws: BenchmarkFailure.self) { try RequestTemplate { _ in Array("PING\n".utf8) } }
  }

  @Test("are given their time to the millisecond, which is rounded up")
  func expiry() throws {
    let line = try ScaleSession.expiry("s1", in: .nanoseconds(12_345_000_001))
    #expect(String(decoding: line, as: UTF8.self) == "EXPIRE s1 12.346\n")
  }
}

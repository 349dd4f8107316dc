import TestSupport
import Testing

@testable import sessionbench

@Suite("The requests of a load")
struct RequestBookTests {
  @Test("are those that the server's own writing makes", arguments: Server.allCases)
  func requests(_ server: Server) throws {
    let sizes = ValueSizes([16, 256, 65_536])
    let book = try RequestBook(server, first: 40, sessions: 10, sizes)
    var random = SplitMix64(seed: 1)
    var bytes: [UInt8] = []
    var expected: [UInt8] = []
    for _ in 0..<50 {
      let request = WorkOrder.Request(session: random.pick(10), isWrite: random.pick(2) == 0)
      book.append(request, to: &bytes)
      let id = SessionShape.id(40 + request.session)
      let value = RequestBook.value(sizes.bytes(of: request.session))
      expected += request.isWrite ? try server.write(id, "\"\(value)\"") : try server.read(id)
    }
    #expect(bytes == expected)
  }

  @Test(
    "find what the filling has made: the same key, and a value of the same length",
    arguments: Server.allCases)
  func filling(_ server: Server) throws {
    let id = SessionShape.id(7)
    for bytes in [16, 100, 65_536] {
      let creation = String(decoding: try server.creation(id, valueBytes: bytes).bytes, as: UTF8.self)
      let value = "\"\(SessionShape.value(id, bytes: bytes))\""
      #expect(value.utf8.count == bytes + 2)
      #expect(creation.contains(value))
      #expect(creation.contains(server == .sessiond ? id : Server.plainKey(id)))
    }
  }

  @Test("are of sessions whose payload is what is told of it")
  func payload() {
    for bytes in [1, 256, 870] {
      let fields = SessionShape.fields(SessionShape.id(3), valueBytes: bytes)
      let sum = fields.reduce(32) { $0 + "\($1.key)\($1.json)".utf8.count }
      #expect(SessionShape.payloadBytes(valueBytes: bytes) == sum)
    }
  }
}

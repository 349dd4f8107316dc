import SessionWire
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The connection table")
struct ConnectionTableTests {
  private func connection() throws -> Connection {
    Connection(
      StreamSocket(Descriptor(owning: try TestClient.pair().server), calls: .system), uid: 0,
      conversation: Conversation(
        caller: Caller(peer: PeerCredentials(pid: 1, uid: 5, gid: 5), role: .app), lineBytesMost: 1024))
  }

  @Test("finds nothing by the token of a connection that is gone, though its number is used again")
  func generations() throws {
    var table = ConnectionTable()
    let (first, second) = (try connection(), try connection())
    let old = table.insert(first)
    #expect(table[old] === first)
    #expect(table.remove(old) === first)
    #expect(table.remove(old) == nil)
    let new = table.insert(second)
    #expect(new.number == old.number)
    #expect(table[old] == nil)
    #expect(table.remove(old) == nil)
    #expect(table[new] === second)
    #expect(table.count == 1)
  }

  @Test("has no token 0, which is the wake-up's, and none for a number that was never given")
  func tokens() throws {
    var table = ConnectionTable()
    #expect(table.insert(try connection()).rawValue != 0)
    for rawValue in [0, 1, 1 << 32 | 7, .max] as [UInt64] {
      #expect(table[ConnectionTable.Token(rawValue: rawValue)] == nil)
    }
  }

  @Test("lists the connections that are there")
  func listing() throws {
    var table = ConnectionTable()
    let tokens = try (0..<5).map { _ in table.insert(try connection()) }
    _ = table.remove(tokens[1])
    _ = table.remove(tokens[3])
    #expect(table.tokens == [tokens[0], tokens[2], tokens[4]])
    #expect(table.count == 3)
  }
}

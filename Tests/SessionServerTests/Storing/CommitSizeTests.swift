import SessionSegment
import SessionStore
import StoreSupport
import Testing

@testable import SessionCache
@testable import SessionServer

@Suite("Large changes that wait for the store")
struct CommitSizeTests {
  /// A JSON string.
  private static func value(bytes: Int) -> String {
    "\"" + String(repeating: "x", count: bytes - 2) + "\""
  }

  @Test("count as held for the client until they are made", arguments: WriteThroughTests.modes)
  func heldBytes(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode, bytes: 16 << 20) { daemon in
      let client = try daemon.client()
      #expect(client.version("SET s k \(Self.value(bytes: 500_000))") != nil)
      #expect(client.conversation.heldBytes == 0)
      daemon.store.faults.hold([.apply])
      // A few bytes are sent, and all of the session is put to the store.
      guard case .requestIsParked = client.take("INCR s n\n".utf8).pause else {
        Issue.record("it is not parked")
        return
      }
      #expect((500_000..<501_000).contains(client.conversation.heldBytes))
      daemon.store.faults.release()
      #expect(client.awaitReply() == "OK 1\n")
      #expect(client.conversation.heldBytes == 0)
      // Nor is anything left of a change that fails.
      daemon.store.faults.fail([.apply], with: .unavailable("no space", isDecided: true))
      #expect(client.ask("INCR s n").hasPrefix("ERR unavailable "))
      #expect(client.conversation.heldBytes == 0)
    }
  }

  @Test("wait up to a bound when their clients have gone")
  func abandoned() {
    var queue = CommitQueue()
    let image = RecordImage(
      id: Array("s".utf8), kind: .session, version: 1, created: 0, ttl: 1, deadline: 1, fieldCount: 1,
      body: [UInt8](repeating: 0, count: 1 << 20))
    let bell = StoreInbox().bell
    func commit(_ ticket: UInt64) -> StoreCommit {
      StoreCommit(
        changes: [
          PlannedChange(id: image.id, base: 0, baseTTL: nil, image: image, meaning: .set, origin: nil)
        ],
        ids: [], waiter: StoreWaiter(bell: bell, ticket: ticket))
    }
    for ticket in 1...200 as ClosedRange<UInt64> {
      let isQueued = queue.append(commit(ticket))
      #expect(isQueued)
    }
    queue.abandon { $0.ticket <= 127 }
    queue.abandon { $0.ticket <= 10 }
    let last = queue.append(commit(201))
    queue.abandon { $0.ticket == 201 }
    let tooMuch = queue.append(commit(202))
    #expect(last && !tooMuch && queue.count == 201)
    let taken = queue.take(most: 1, bytesMost: 1)
    let afterwards = queue.append(commit(203))
    #expect(taken.count == 1 && afterwards)
    queue.abandon { $0.ticket == 203 }
    let rest = queue.takeAll()
    let again = queue.append(commit(204))
    #expect(rest.count == 201 && again && queue.count == 1)
  }

  @Test("share a call of the store until it has 8 MiB", arguments: WriteThroughTests.modes)
  func batches(mode: StoredDaemon.Mode) async throws {
    try await StoredDaemon.with(mode, bytes: 64 << 20) { daemon in
      let clients = try (0..<12).map { _ in try daemon.client() }
      for (number, client) in clients.enumerated() { #expect(client.ask("GET s\(number)") == "NIL") }
      daemon.store.faults.hold([.apply])
      let first = try daemon.client()
      _ = first.run("NEW\n".utf8, untilParked: true)
      #expect(daemon.store.faults.waitUntilHeld())
      let value = Self.value(bytes: 1_000_000)
      for (number, client) in clients.enumerated() {
        let (pause, _) = client.run("SET s\(number) k \(value)\n".utf8, untilParked: true)
        guard case .requestIsParked = pause else {
          Issue.record("it is not parked")
          return
        }
      }
      daemon.store.faults.release()
      for client in clients { #expect(client.awaitReply().hasPrefix("OK ")) }
      // Nine of them are more than 8 MiB, and eight are not.
      #expect(daemon.store.batches == [1, 9, 3])
    }
  }
}

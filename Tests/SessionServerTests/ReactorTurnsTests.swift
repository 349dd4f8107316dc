import Glibc
import TestSupport
import Testing

@testable import SessionServer

@Suite("Turns that a reactor ends together")
struct ReactorTurnsTests {
  @Test("send each client its own replies, in order, whatever becomes of the others", arguments: 0..<8)
  func own(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    try ReactorUnderTest.with { reactor in
      let clients = try (0..<3 * Reactor.openTurnsMost).map { _ in try reactor.connect() }
      var counts = [Int](repeating: 0, count: clients.count)
      var gone: Set<Int> = []
      for _ in 0..<40 {
        var wanted: [(client: Int, text: String)] = []
        for number in clients.indices where !gone.contains(number) && random.pick(4) > 0 {
          let (client, socket) = clients[number]
          switch random.pick(40) {
          case 0 where gone.count < clients.count / 2:
            // The reply finds that it is gone.
            reactor.sockets.failSending(on: socket, [.error(EPIPE)])
            try client.send("PING\n")
            gone.insert(number)
          case 1 where gone.count < clients.count / 2:
            try client.send("QUIT\n")
            wanted.append((number, "OK\n"))
            gone.insert(number)
          default:
            let some = 1 + random.pick(3)
            try client.send((0..<some).map { _ in "INCR s\(number) n\n" }.joined())
            wanted.append((number, (0..<some).map { "OK \(counts[number] + $0 + 1)\n" }.joined()))
            counts[number] += some
          }
        }
        for (number, text) in wanted {
          let lines = text.split(separator: "\n").count
          #expect(try clients[number].client.receive(lines: lines) == text, "client \(number)")
        }
      }
      for number in gone { #expect(try clients[number].client.receiveAll() == "") }
      try eventually("the others stay") { reactor.connectionCount == clients.count - gone.count }
    }
  }

  /// Lets requests of all clients come while the reactor is held, and tells what it did with their sockets then.
  private func together(
    _ reactor: ReactorUnderTest, _ request: (Int) -> String, _ body: ([TestClient]) throws -> Void
  ) throws -> [FaultySockets.Call] {
    let (holder, holding) = try reactor.connect()
    let clients = try (0..<2 * Reactor.openTurnsMost).map { _ in try reactor.connect() }
    for (client, _) in clients { #expect(try client.ask("PING") == "OK \"pong\"") }
    reactor.sockets.failReceiving(on: holding, [.late(milliseconds: 200)])
    try holder.send("PING\n")
    usleep(50_000)
    reactor.sockets.record()
    for (number, client) in clients.enumerated() { try client.client.send(request(number)) }
    try body(clients.map(\.client))
    let numbers = Set(clients.map(\.socket))
    return reactor.sockets.recorded.filter { numbers.contains($0.socket) }
  }

  @Test("serve all of them before the first reply is sent")
  func joined() throws {
    try ReactorUnderTest.with { reactor in
      let calls = try together(reactor, { "INCR s\($0) n\n" }) { clients throws in
        for client in clients { #expect(try client.receive(lines: 1) == "OK 1\n") }
      }
      // Sixteen at a time; each socket's reply goes in the order in which the requests were served.
      let most = Reactor.openTurnsMost
      #expect(calls.map(\.isReceiving) == (0..<4 * most).map { $0 / most % 2 == 0 })
      #expect(calls[..<most].map(\.socket) == calls[most..<2 * most].map(\.socket))
    }
  }

  @Test("are ended after a while, although there are more to come")
  func slow() throws {
    try ReactorUnderTest.with(clock: MovedClock(step: Reactor.openNanosecondsMost)) { reactor in
      let calls = try together(reactor, { "INCR s\($0) n\n" }) { clients throws in
        for client in clients { #expect(try client.receive(lines: 1) == "OK 1\n") }
      }
      for index in 2..<calls.count { #expect(calls[index - 2..<index + 1].contains { !$0.isReceiving }) }
    }
  }

  @Test("are not waited for by a long reply, nor by a client that watches or leaves")
  func mixed() throws {
    try ReactorUnderTest.with { reactor in
      let value = #""\#(String(repeating: "x", count: 100_000))""#
      let (filler, _) = try reactor.connect()
      #expect(try filler.ask("SET long k \(value)").hasPrefix("OK "))
      let requests = ["GET long k\n", "WATCH other\n", "QUIT\n", "PING\nPING\n", "NO\n"]
      let calls = try together(reactor, { requests[$0 % requests.count] }) { clients throws in
        for (number, client) in clients.enumerated() {
          switch number % requests.count {
          case 0: #expect(try client.receive(lines: 1) == "OK \(value)\n")
          case 1: #expect(try client.receive(lines: 1).hasPrefix("OK "))
          case 2: #expect(try client.receiveAll() == "OK\n")
          case 3: #expect(try client.receive(lines: 2) == "OK \"pong\"\nOK \"pong\"\n")
          default: #expect(try client.receive(lines: 1).hasPrefix("ERR "))
          }
        }
      }
      #expect(calls.count >= 4 * Reactor.openTurnsMost)
      #expect(try filler.ask("SET other k 1").hasPrefix("OK "))
    }
  }

  @Test("send long replies whole")
  func longReplies() throws {
    try ReactorUnderTest.with { reactor in
      let clients = try (0..<2 * Reactor.openTurnsMost).map { _ in try reactor.connect().client }
      let value = #""\#(String(repeating: "x", count: 20_000))""#
      for number in clients.indices {
        #expect(try clients[number].ask("SET s\(number) k \(value)").hasPrefix("OK "))
      }
      for _ in 0..<5 {
        for number in clients.indices { try clients[number].send("GET s\(number) k\n") }
        for client in clients { #expect(try client.receive(lines: 1) == "OK \(value)\n") }
      }
    }
  }
}

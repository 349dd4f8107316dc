import CLinux
import Glibc
import Logging
import SessionCache
import Synchronization
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The reactor, handing out the segment,")
struct ReactorMapTests {
  private func maps(_ reactor: ReactorUnderTest) -> UInt64 {
    reactor.statistics.maps.load(ordering: .relaxed)
  }

  /// Where in the text the lines begin that are answers to MAP.
  private func mapPlaces(_ text: String) -> [Int] {
    var places: [Int] = []
    var position = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(#"OK {"format":"#) { places.append(position) }
      position += line.utf8.count + 1
    }
    return places
  }

  /// Expects that each answer to MAP has its descriptor, which came with that line's first byte or in one
  /// piece with it, before any byte of a later answer to MAP.
  private func expectPaired(_ received: TestClient.Received, from cache: SessionCache) {
    let places = mapPlaces(received.text)
    #expect(received.descriptors.count == places.count)
    for (index, place) in places.enumerated() where index < received.places.count {
      #expect(received.places[index] > place)
      if index + 1 < places.count { #expect(received.places[index] <= places[index + 1]) }
    }
    #expect(received.descriptors.allSatisfy { areSameFile($0.number, cache.readOnlyDescriptor.number) })
  }

  @Test("sends a descriptor with the reply's first byte, amid other replies", arguments: [1, 7, 65536])
  func amid(bytesMost: Int) throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      let requests = "SET s k 1\nMAP\nGET s k\nMAP\nMAP\nINCR s k\nGET s\nMAP\n"
      try client.send(requests)
      let received = try client.receiveWithDescriptors(lines: 8, bytesMost: bytesMost)
      expectPaired(received, from: reactor.cache)
      let lines = received.text.split(separator: "\n")
      #expect(lines.count == 8)
      #expect([lines[2], lines[5], lines[6]] == ["OK 1", "OK 2", #"OK {"k":2}"#])
      #expect(mapPlaces(received.text).count == 4)
      if bytesMost == 1 { #expect(received.places == mapPlaces(received.text).map { $0 + 1 }) }
      // The descriptor is on its way before it is counted.
      try eventually("4 counted") { maps(reactor) == 4 }
    }
  }

  @Test("loses and doubles no descriptor when calls are refused, interrupted or done in part")
  func injected() throws {
    try ReactorUnderTest.with { reactor in
      let (client, socket) = try reactor.connect()
      let requests = "PING\nMAP\nPING\nMAP\nMAP\nPING\n"
      let ones = [FaultySockets.Fault](repeating: .atMost(1), count: 3)
      let faults: [(plain: [FaultySockets.Fault], descriptors: [FaultySockets.Fault])] = [
        ([], [.error(EAGAIN)]), ([.error(EAGAIN)], [.error(EAGAIN), .error(EAGAIN)]),
        ([.atMost(3)], [.atMost(1), .error(EINTR), .atMost(2), .error(EAGAIN)]),
        (ones + [.error(EAGAIN)] + ones, ones), ([.error(EINTR)], [.error(EINTR)] + ones),
      ]
      for (number, fault) in faults.enumerated() {
        reactor.sockets.failSending(on: socket, fault.plain)
        reactor.sockets.failSendingDescriptors(on: socket, fault.descriptors)
        try client.send(requests)
        let received = try client.receiveWithDescriptors(lines: 6)
        expectPaired(received, from: reactor.cache)
        #expect(received.text.split(separator: "\n").count { $0 == #"OK "pong""# } == 3)
        try eventually("all counted") { maps(reactor) == UInt64(3 * (number + 1)) }
        #expect(reactor.sockets.faultsLeft(on: socket) == 0)
      }
    }
  }

  @Test(
    "tells a client whose descriptor the kernel does not take, and goes on", arguments: [ETOOMANYREFS, EPERM])
  func refused(code: Int32) throws {
    try ReactorUnderTest.with { reactor in
      let (client, socket) = try reactor.connect()
      reactor.sockets.failSendingDescriptors(on: socket, [.error(code), .error(code)])
      try client.send("PING\nMAP\nMAP\nPING\nMAP\n")
      let received = try client.receiveWithDescriptors(lines: 5)
      let lines = received.text.split(separator: "\n")
      #expect(lines[0] == #"OK "pong""#)
      #expect(lines[1].hasPrefix("ERR unavailable the descriptor can't be sent: sendmsg: "))
      #expect(lines[2] == lines[1])
      #expect(lines[3] == #"OK "pong""#)
      expectPaired(received, from: reactor.cache)
      #expect(received.descriptors.count == 1)
      // The descriptor is on its way before it is counted.
      try eventually("1 counted") { maps(reactor) == 1 }
      // Once a minute at most.
      #expect(reactor.log.messages(.warning).count == 1)
    }
  }

  @Test("drops a client that is gone when its descriptor is sent, and no other")
  func gone() throws {
    try ReactorUnderTest.with { reactor in
      let (broken, socket) = try reactor.connect()
      let (other, _) = try reactor.connect()
      reactor.sockets.failSendingDescriptors(on: socket, [.error(EPIPE)])
      reactor.sockets.failSending(on: socket, [.error(EPIPE)])
      try broken.send("MAP\n")
      #expect(try broken.receiveAll() == "")
      #expect(try other.ask("PING") == #"OK "pong""#)
      #expect(reactor.connectionCount == 1)
      #expect(maps(reactor) == 0)
    }
  }

  @Test("sends each descriptor in its place to a client that takes its replies late")
  func backpressure() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      let value = "\"" + String(repeating: "x", count: 30_000) + "\""
      #expect(try client.ask("SET s k \(value)").hasPrefix("OK "))
      try client.send(String(repeating: "GET s k\nMAP\n", count: 20) + "PING\n")
      try reactor.settle()
      // The socket holds two or three of those replies.
      #expect(maps(reactor) < 20)
      let received = try client.receiveWithDescriptors(lines: 41)
      expectPaired(received, from: reactor.cache)
      #expect(received.descriptors.count == 20)
      #expect(received.text.split(separator: "\n").count { $0 == "OK \(value)" } == 20)
    }
  }

  @Test("answers a thousand MAPs of one client that reads none of them before the last is sent")
  func flood() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      let (other, _) = try reactor.connect()
      try client.send(String(repeating: "MAP\n", count: 1000) + "PING\n")
      try reactor.settle()
      #expect(try other.ask("PING") == #"OK "pong""#)
      let received = try client.receiveWithDescriptors(lines: 1001)
      expectPaired(received, from: reactor.cache)
      #expect(received.descriptors.count == 1000)
      #expect(received.text.hasSuffix("OK \"pong\"\n"))
    }
  }

  @Test("loses nothing else for a client that takes no descriptors")
  func plainReceive() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      for _ in 0..<3 {
        try client.send("PING\nMAP\nMAP\nINCR s n\nDEL s\n")
        let lines = try client.receive(lines: 5).split(separator: "\n")
        #expect(lines[0] == #"OK "pong""#)
        #expect(lines[1].hasPrefix(#"OK {"format":"#) && lines[2] == lines[1])
        #expect(lines[3...] == ["OK 1", "OK 1"])
      }
    }
  }

  @Test("going down, hands out what was asked for before")
  func drain() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect()
      let value = "\"" + String(repeating: "x", count: 50_000) + "\""
      #expect(try client.ask("SET s k \(value)").hasPrefix("OK "))
      try client.send(String(repeating: "GET s k\n", count: 4) + "MAP\nPING\n")
      try reactor.settle()
      reactor.mailbox.post { $0.isDraining = true }
      let received = try client.receiveWithDescriptors(lines: 6)
      expectPaired(received, from: reactor.cache)
      #expect(received.descriptors.count == 1)
      #expect(try client.receiveAll() == "")
    }
  }

  @Test("takes over a changed list of those who may map, for the connections that it has")
  func changedMappers() throws {
    try ReactorUnderTest.with { reactor in
      let (client, _) = try reactor.connect(uid: 2000, groups: [7])
      let (other, _) = try reactor.connect(uid: 2001)
      #expect(try client.ask("MAP").hasPrefix("OK "))
      reactor.mailbox.post { $0.mappers = .these(users: [2001], groups: []) }
      try reactor.settle()
      #expect(try client.ask("MAP").hasPrefix("ERR denied "))
      #expect(try client.ask("PING") == #"OK "pong""#)
      #expect(try other.ask("MAP").hasPrefix("OK "))
      reactor.mailbox.post { $0.mappers = .these(users: [], groups: [7]) }
      try reactor.settle()
      #expect(try client.ask("MAP").hasPrefix("OK "))
      #expect(try other.ask("MAP").hasPrefix("ERR denied "))
      // The descriptor is on its way before it is counted.
      try eventually("3 counted") { maps(reactor) == 3 }
    }
  }
}

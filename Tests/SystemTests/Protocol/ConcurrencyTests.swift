import Glibc
import Synchronization
import Testing

@Suite("What the protocol guarantees when many clients write at once")
struct ConcurrencyTests {
  @Test("concurrent INCRs of one key add up")
  func increments() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      try inThreads(8) { _ in
        let connection = try RawConnection(path: path)
        var last = 0
        for _ in 0..<500 {
          let number = Int(try connection.request("INCR s1 n").okNumber)
          guard number > last else { throw Failure("\(number) after \(last)") }
          last = number
        }
      }
      #expect(try daemon.ask("GET s1 n") == "OK 4000")
    }
  }

  @Test("of many writes with IF and the same version exactly one is done")
  func compareAndSet() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      for _ in 0..<50 {
        let version = try daemon.ask("SET s1 a 0").version
        let winner = Collected()
        try inThreads(6) { index in
          let reply = try RawConnection(path: path).request("SET s1 a IF \(version) \(index)")
          if reply.errorCode == "conflict" { return }
          _ = try reply.version
          winner.add(index)
        }
        #expect(winner.all.count == 1)
        #expect(try daemon.ask("GET s1 a") == "OK \(winner.all[0])")
      }
    }
  }

  @Test("an MSET is seen whole or not at all")
  func wholeWrites() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      _ = try daemon.ask(#"MSET s1 {"a":0,"b":0,"c":0}"#).version
      try inThreads(4) { index in
        let connection = try RawConnection(path: path)
        for round in 0..<2000 {
          if index < 2 {
            let n = round * 2 + index
            _ = try connection.request(#"MSET s1 {"a":\#(n),"b":\#(n),"c":\#(n)}"#).version
          } else {
            let reply = try connection.request(index == 2 ? "GET s1" : "MGET s1 a b c")
            guard let whole = reply.wholeMatch(of: /OK {"a":(\d+),"b":(\d+),"c":(\d+)}/),
              whole.1 == whole.2, whole.2 == whole.3
            else { throw Failure("torn: \(reply)") }
          }
        }
      }
    }
  }

  @Test("a read that begins after a write was answered sees it, on another connection too")
  func readsSeeWrites() throws {
    try withDaemon("--threads", "4") { daemon in
      let writer = try daemon.connect()
      let readers = try (0..<8).map { _ in try daemon.connect() }
      for round in 0..<1000 {
        _ = try writer.request("SET s\(round % 7) a \(round)").version
        #expect(try readers[round % 8].request("GET s\(round % 7) a") == "OK \(round)")
      }
      #expect(try writer.request("DEL s1") == "OK 1")
      for reader in readers { #expect(try reader.request("GET s1 a") == "NIL") }
    }
  }

  @Test("a version is given out once, and each later one is greater")
  func versions() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      let all = Collected()
      try inThreads(4) { index in
        let connection = try RawConnection(path: path)
        var last: UInt64 = 0
        for round in 0..<500 {
          if round % 10 == 9 { _ = try connection.request("DEL s\(index)") }
          let version = try connection.request("SET s\(index) a \(round)").version
          guard version > last else { throw Failure("version \(version) after \(last)") }
          last = version
          all.add(Int(version))
        }
      }
      #expect(Set(all.all).count == 2000)
    }
  }

  @Test("a session that is there all the while is listed exactly once, whatever comes and goes meanwhile")
  func listing() throws {
    try withDaemon { daemon in
      let path = daemon.socketPath
      let connection = try daemon.connect()
      for index in 0..<2000 { _ = try connection.request("SET stay\(index) a TTL 1000 1").version }
      let found = Collected()
      try inThreads(3) { index in
        let connection = try RawConnection(path: path)
        if index < 2 {
          for round in 0..<3000 {
            _ = try connection.request("SET go\(index)-\(round) a 1").version
            if round % 2 == 0 { _ = try connection.request("DEL go\(index)-\(round)") }
          }
          return
        }
        var next = ""
        for _ in 0..<10_000 {
          let page = try connection.request("LIST MATCH stay LIMIT 17\(next)")
          let ids = page.prefix { $0 != "]" }.drop { $0 != "[" }.dropFirst().split(separator: ",")
          for id in ids { found.add(Int(id.filter(\.isNumber))!) }
          if page.hasSuffix("\"next\":null}") { return }
          guard let after = page.firstMatch(of: /"next":("[^"]+")}$/) else {
            throw Failure("no next: \(page)")
          }
          next = " AFTER \(after.1)"
        }
        throw Failure("the listing has no end")
      }
      #expect(found.all.sorted() == Array(0..<2000))
    }
  }
}

/// Numbers that threads found.
private final class Collected: Sendable {
  private let numbers = Mutex<[Int]>([])
  var all: [Int] { numbers.withLock { $0 } }
  func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}

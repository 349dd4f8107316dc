import Glibc
import Testing

@Suite(
  "Whatever happens to the Redis server, no answer is false, and all is well afterwards",
  .enabled(if: RedisServer.isPossible, "\(RedisServer.isWanted)"))
struct RedisFaultTests {
  enum Fault: CaseIterable {
    case stopped, killed, loading, scriptsForgotten, invalidationsCut, connectionsCut, readOnly, masterDown,
      full, busy

    /// Whether nothing can be stored meanwhile.
    var isOutage: Bool {
      switch self {
      case .scriptsForgotten, .invalidationsCut, .connectionsCut: false
      default: true
      }
    }

    /// How often the log says that the server is away. One that refuses is there.
    var outagesTold: ClosedRange<Int> {
      switch self {
      case .stopped, .killed, .loading, .masterDown: 1...1
      case .readOnly, .full, .busy: 0...1
      case .scriptsForgotten: 0...0
      case .invalidationsCut, .connectionsCut: 0...5
      }
    }

    /// Whether what the daemon does not have can't be had either.
    var hidesSessions: Bool { isOutage && self != .readOnly && self != .full }

    func begin(_ redis: RedisServer) throws {
      switch self {
      case .stopped: try redis.signal(SIGSTOP)
      case .killed, .loading: try check(kill(redis.pid, SIGKILL), "kill")
      case .scriptsForgotten: try redis.command("SCRIPT", "FLUSH")
      case .invalidationsCut: try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
      case .connectionsCut: try redis.command("CLIENT", "KILL", "TYPE", "normal")
      case .readOnly: try redis.command("REPLICAOF", "127.0.0.1", "1")
      case .masterDown:
        try redis.command("CONFIG", "SET", "replica-serve-stale-data", "no")
        try redis.command("REPLICAOF", "127.0.0.1", "1")
      case .full: try redis.command("CONFIG", "SET", "maxmemory", "1")
      case .busy:
        try redis.command("CONFIG", "SET", "busy-reply-threshold", "20")
        try redis.connect().send(["EVAL", "while true do end", "0"])
      }
    }

    func end(_ redis: RedisServer) throws {
      switch self {
      case .stopped: try redis.signal(SIGCONT)
      case .killed: try redis.restart()
      case .loading:
        // Half a millisecond for each record makes a second or more.
        try redis.launchAgain(["--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"])
        pause(milliseconds: 300)
        try redis.waitUntilReady()
      case .scriptsForgotten, .invalidationsCut, .connectionsCut: break
      case .readOnly: try redis.command("REPLICAOF", "NO", "ONE")
      case .masterDown:
        try redis.command("REPLICAOF", "NO", "ONE")
        try redis.command("CONFIG", "SET", "replica-serve-stale-data", "yes")
      case .full: try redis.command("CONFIG", "SET", "maxmemory", "0")
      case .busy: try redis.command("SCRIPT", "KILL")
      }
    }
  }

  /// While nothing can be stored, what is in memory is read, and what is not is not said to be missing.
  private func checkOutage(_ daemon: DaemonProcess, _ fault: Fault) throws {
    try eventually("a write is refused") { try daemon.ask("SET s a 1").errorCode == "unavailable" }
    for _ in 0..<20 { #expect(try daemon.ask("GET hot a") == "OK 1") }
    let reply = try daemon.ask("GET nobody")
    #expect(reply.errorCode == "unavailable" || !fault.hidesSessions && reply == "NIL", "\(reply)")
    #expect(try daemon.ask("PING") == #"OK "pong""#)
  }

  @Test("two daemons and their clients go through it", arguments: Fault.allCases)
  func faults(fault: Fault) throws {
    try withDaemonsOnRedis(2, ["--store-timeout", "500ms"]) { daemons, redis in
      try Counting.prepare(daemons[0])
      for daemon in daemons { #expect(try daemon.ask("GET hot a") == "OK 1") }
      let counting = Counting()
      let trial = FaultTrial(daemons: daemons, redis: redis)
      try counting.run(daemons) {
        for _ in 0..<(fault.isOutage ? 1 : 5) {
          try fault.begin(trial.redis)
          if fault.isOutage { for daemon in trial.daemons { try checkOutage(daemon, fault) } }
          try fault.end(trial.redis)
          for daemon in trial.daemons {
            try daemon.waitForStore()
            try eventually("a write is done") { try daemon.ask("SET s a 1").errorCode == nil }
          }
        }
      }
      let counts = counting.result
      #expect(counts.added > 20 && counts.found > 20, "too little was done to tell anything")
      if fault.isOutage { #expect(counts.refused + counts.unknown > 0) }
      for daemon in daemons {
        #expect(fault.outagesTold.contains(daemon.storeOutages), "\(daemon.standardError)")
        if fault == .full { #expect(daemon.storeRefusals == 1, "\(daemon.standardError)") }
      }
      try checkSums(daemons, counts)
      try checkInvalidation(daemons)
    }
  }

  @Test("replies are cut, spoilt, or do not come: none is taken for another one", arguments: 1...UInt64(3))
  func spoiltReplies(number: UInt64) throws {
    let fault = try #require(RedisProxy.Fault(rawValue: Int(number)))
    let seed = UInt64.random(in: 0...UInt64.max)
    try withDaemonsOnProxy(2, ["--store-timeout", "300ms"], seed: seed) { daemons, proxy in
      try Counting.prepare(daemons[0])
      let counting = Counting()
      try counting.run(daemons) {
        for _ in 0..<3 {
          proxy.set(fault)
          pause(milliseconds: 400)
          proxy.set(.none)
          pause(milliseconds: 200)
        }
      }
      for daemon in daemons {
        try daemon.waitForStore()
        try eventually("a write is done") { try daemon.ask("SET s a 1").errorCode == nil }
      }
      let counts = counting.result
      #expect(counts.added > 5 && counts.refused + counts.unknown > 0, "too little was done; seed \(seed)")
      #expect(proxy.spoilt > 0 || fault == .silence)
      try self.checkSums(daemons, counts)
      try self.checkInvalidation(daemons)
    }
  }

  /// Every addition that was acknowledged was made once, and none that was refused.
  private func checkSums(_ daemons: [DaemonProcess], _ counts: Counting.Counts) throws {
    let sum = Int(try daemons[0].ask("INCR \(Counting.number) n 0").okNumber)
    #expect(
      counts.added <= sum && sum <= counts.added + counts.unknown,
      "\(sum) of \(counts.added), \(counts.unknown)")
    for daemon in daemons {
      try eventually("all daemons know it") { try daemon.ask("PEEK \(Counting.number) n") == "OK \(sum)" }
      for session in stride(from: 0, to: Counting.coldSessions, by: 17) {
        #expect(try daemon.ask("PEEK cold\(session) a") == "OK \(session)")
      }
    }
  }

  /// Changes of each are known to the others soon.
  private func checkInvalidation(_ daemons: [DaemonProcess]) throws {
    for (number, daemon) in daemons.enumerated() {
      _ = try daemon.ask("SET hot a \(number + 2)").version
      for other in daemons {
        try eventually("the others see it") { try other.ask("GET hot a") == "OK \(number + 2)" }
      }
    }
  }

  /// Safe to send: the daemons' and the server's own state is used by one thread at a time.
  private struct FaultTrial: @unchecked Sendable {
    let daemons: [DaemonProcess]
    let redis: RedisServer
  }
}

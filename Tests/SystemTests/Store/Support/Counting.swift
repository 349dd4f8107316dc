import Synchronization

/// Clients of several daemons that add to one number, and ask for sessions that their daemon has never seen, while
/// something happens to the store.
///
/// Whatever happens, an answer is true: no sum is told twice, what is refused is not added, and a session that is there
/// is never `NIL`.
final class Counting: Sendable {
  /// How often the number was added to for sure, and how often perhaps.
  struct Counts {
    var added = 0
    var unknown = 0
    var refused = 0
    var found = 0
    var unavailable = 0
    var sums: Set<Int> = []
  }

  static let number = "counted"
  /// How many sessions there are for the daemons to look for.
  static let coldSessions = 2000

  private let isOver = Atomic(false)
  private let counts = Mutex(Counts())

  var result: Counts { counts.withLock { $0 } }

  /// Makes the sessions, by way of a daemon.
  static func prepare(_ daemon: DaemonProcess) throws {
    let requests = (0..<coldSessions).map { "SET cold\($0) a \($0)\n" }.joined()
    for reply in try daemon.connect().exchange(Array(requests.utf8), replies: coldSessions) {
      _ = try reply.version
    }
    _ = try daemon.ask("SET hot a 1").version
  }

  /// Lets clients of each daemon work while something is done, and a little longer.
  func run(_ daemons: [DaemonProcess], while happening: @escaping @Sendable () throws -> Void) throws {
    let sockets = daemons.map(\.socketPath)
    try inThreads(2 * sockets.count + 1) { [self] index in
      if index == 2 * sockets.count {
        defer { isOver.store(true, ordering: .relaxed) }
        pause(milliseconds: 100)
        try happening()
        pause(milliseconds: 100)
      } else if index % 2 == 0 {
        try add(over: RawConnection(path: sockets[index / 2]))
      } else {
        try look(over: RawConnection(path: sockets[index / 2]))
      }
    }
  }

  private func add(over connection: RawConnection) throws {
    while !isOver.load(ordering: .relaxed) {
      let reply = try connection.request("INCR \(Self.number) n")
      try counts.withLock { counts in
        if let sum = Int(reply.dropFirst(3)), reply.hasPrefix("OK ") {
          counts.added += 1
          guard counts.sums.insert(sum).inserted else { throw Failure("\(sum) was told twice") }
        } else {
          guard reply.errorCode == "unavailable" else { throw Failure("INCR: \(reply)") }
          if reply.contains("not known") { counts.unknown += 1 } else { counts.refused += 1 }
        }
      }
      // An answer at once is no reason to ask a thousand times.
      if reply.errorCode != nil { pause(milliseconds: 2) }
    }
  }

  private func look(over connection: RawConnection) throws {
    var session = 0
    while !isOver.load(ordering: .relaxed), session < Self.coldSessions {
      let reply = try connection.request("PEEK cold\(session) a")
      try counts.withLock { counts in
        if reply == "OK \(session)" {
          counts.found += 1
        } else {
          guard reply.errorCode == "unavailable" else { throw Failure("cold\(session): \(reply)") }
          counts.unavailable += 1
        }
      }
      session += 1
      pause(milliseconds: 1)
    }
  }
}

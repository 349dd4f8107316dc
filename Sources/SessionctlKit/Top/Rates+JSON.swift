package import SessionClient

extension Rates {
  /// For programs: what happened by the second, beside how things stand.
  package func json(_ statistics: ServerStatistics) -> String {
    var object: SessionValue.Object = [
      "version": .string(statistics.version), "pid": .int(statistics.pid),
    ]
    let numbers: [(String, Double?)] = [
      ("uptime", statistics.uptime), ("seconds", seconds), ("requests", requests), ("errors", errors),
      ("socketReads", socketReads), ("mappedReads", mappedReads), ("hitRatio", hitRatio), ("writes", writes),
      ("full", refusedAsFull), ("expired", expired), ("evicted", evicted), ("accepted", accepted),
      ("refused", turnedAway), ("dropped", dropped),
    ]
    for (name, number) in numbers { object[name] = Self.number(number) }
    object["sessions"] = .int(statistics.sessions)
    object["connections"] = .int(statistics.connections.current)
    object["memory"] = .object([
      "limit": .int(statistics.memory.limit), "reserved": .int(statistics.memory.reserved),
      "used": .int(statistics.memory.used), "index": .int(statistics.memory.index),
    ])
    if let store = statistics.store {
      object["store"] = .object([
        "state": .string(store.state), "unsaved": .int(store.unsaved), "queue": .int(store.queue),
        "loads": Self.number(loads), "saves": Self.number(saves),
      ])
    }
    object["commands"] = .object(SessionValue.Object(commands.map { ($0.name, Self.json($0)) }))
    object["busiest"] = .array(
      busiest.map { .object(["session": .string($0.session), "uses": Self.number($0.uses)]) })
    return SessionValue.object(object).description
  }

  private static func json(_ command: CommandRate) -> SessionValue {
    let numbers: [(String, Double)] = [
      ("requests", command.requests), ("errors", command.errors), ("p50", command.total.p50),
      ("p99", command.total.p99), ("max", command.total.max),
    ]
    return .object(SessionValue.Object(numbers.map { ($0, number($1)) }))
  }

  /// null for what JSON has no number for.
  private static func number(_ number: Double?) -> SessionValue {
    number.flatMap { SessionValue.double($0) } ?? .null
  }
}

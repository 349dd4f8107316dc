import SessionClient
import SessionctlKit

/// The statistics as a table for a person.
enum StatisticsTable {
  static func lines(_ statistics: ServerStatistics) -> [TextLine] {
    let memory = statistics.memory
    let connections = statistics.connections
    let rows: [[String]] = [
      [
        "daemon",
        "sessiond \(statistics.version), process \(statistics.pid), up \(Shown.duration(statistics.uptime))",
      ],
      [
        "sessions", "\(Shown.count(statistics.sessions)) (\(Shown.count(statistics.expired)) expired so far)",
      ],
      ["marks", "\(Shown.count(statistics.marks)) ids revoked or renamed"],
      [
        "hit ratio",
        "\(ratio(statistics.hitRatio)); over the socket \(ratio(statistics.socketHitRatio)) "
          + "(\(Shown.count(statistics.hits)) hits, \(Shown.count(statistics.misses)) misses)",
      ],
      [
        "mapped reads",
        "\(Shown.count(statistics.mapped.hits)) hits besides, \(ratio(statistics.mappedShare)) of all reads; "
          + "segment handed out \(Shown.count(statistics.mapped.maps)) times",
      ],
      ["writes", "\(Shown.count(statistics.sets)) (\(Shown.count(statistics.full)) refused as full)"],
      [
        "evicted",
        "\(Shown.count(statistics.evicted.untagged)) without a tag, \(Shown.count(statistics.evicted.tagged)) tagged, "
          + "\(Shown.count(statistics.evicted.expired)) expired; "
          + "\(Shown.count(statistics.forgotten)) left to the store",
      ],
      [
        "memory",
        "\(Shown.bytes(memory.used)) used, \(Shown.bytes(memory.reserved)) reserved of "
          + "\(Shown.bytes(memory.limit)); index \(Shown.bytes(memory.index)), "
          + "tags \(Shown.bytes(memory.tags)), events \(Shown.bytes(memory.events)), "
          + "connections \(Shown.bytes(memory.buffers))",
      ],
      [
        "connections",
        "\(Shown.count(connections.current)) open, \(Shown.count(connections.accepted)) accepted, "
          + "\(Shown.count(connections.refused)) turned away, \(Shown.count(connections.dropped)) dropped",
      ],
    ]
    let all = rows + adoption(statistics.adopted) + (statistics.store.map { StoreRows.rows($0) } ?? [])
    return Shown.columns(all).map { TextLine([TextPiece($0)]) } + commands(statistics.commands)
  }

  private static func ratio(_ part: Double?) -> String {
    part.map { Shown.percent($0) } ?? "no reads yet"
  }

  private static func adoption(_ adopted: ServerStatistics.Adopted?) -> [[String]] {
    guard let adopted else { return [] }
    return [
      [
        "taken over",
        "\(Shown.count(adopted.sessions)) sessions in \(Shown.tenths(adopted.seconds * 1000)) ms at the start",
      ]
    ]
  }

  private static func commands(_ commands: [String: ServerStatistics.Command]) -> [TextLine] {
    if commands.isEmpty { return [] }
    var table = Table(
      .left("command"), .right("count"), .right("errors"), .right("mean µs"), .right("p50 µs"),
      .right("p99 µs"), .right("max µs"))
    for (name, command) in commands.sorted(by: { ($0.value.count, $1.key) > ($1.value.count, $0.key) }) {
      let counts = [command.count, command.errors].map { Shown.count($0) }
      let times = [command.mean, command.p50, command.p99, command.max].map { Shown.tenths($0) }
      table.add(([name] + counts + times).map { TextPiece($0) })
    }
    return [""] + table.takeLines()
  }
}

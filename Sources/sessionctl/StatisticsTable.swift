import SessionClient

/// The statistics as a table for a person.
enum StatisticsTable {
  static func lines(_ statistics: ServerStatistics) -> [String] {
    let memory = statistics.memory
    let connections = statistics.connections
    let ratio = statistics.hitRatio.map { "\(Shown.tenths($0 * 100)) %" } ?? "no reads yet"
    let rows = [
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
        "\(ratio) (\(Shown.count(statistics.hits)) hits, \(Shown.count(statistics.misses)) misses)",
      ],
      [
        "mapped reads",
        "\(Shown.count(statistics.mapped.hits)) hits besides, segment handed out "
          + "\(Shown.count(statistics.mapped.maps)) times",
      ],
      ["writes", "\(Shown.count(statistics.sets)) (\(Shown.count(statistics.full)) refused as full)"],
      [
        "evicted",
        "\(Shown.count(statistics.evicted.untagged)) without a tag, \(Shown.count(statistics.evicted.tagged)) tagged, "
          + "\(Shown.count(statistics.evicted.expired)) expired",
      ],
      [
        "memory",
        "\(Shown.bytes(memory.used)) used, \(Shown.bytes(memory.reserved)) reserved of "
          + "\(Shown.bytes(memory.limit)); index \(Shown.bytes(memory.index)), "
          + "tags \(Shown.bytes(memory.tags))",
      ],
      [
        "connections",
        "\(Shown.count(connections.current)) open, \(Shown.count(connections.accepted)) accepted, "
          + "\(Shown.count(connections.refused)) turned away, \(Shown.count(connections.dropped)) dropped",
      ],
    ]
    return Shown.columns(rows) + commands(statistics.commands)
  }

  private static func commands(_ commands: [String: ServerStatistics.Command]) -> [String] {
    if commands.isEmpty { return [] }
    let header = ["count", "errors", "mean µs", "p50 µs", "p99 µs", "max µs"]
    let sorted = commands.sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }
    let rows = sorted.map { name, command in
      (
        name,
        [Shown.count(command.count), Shown.count(command.errors)]
          + [command.mean, command.p50, command.p99, command.max].map(Shown.tenths)
      )
    }
    let widths = header.indices.map { column in
      ([header[column].count] + rows.map { $0.1[column].count }).max() ?? 0
    }
    func line(_ name: String, _ cells: [String]) -> [String] {
      [name] + zip(cells, widths).map { Shown.right($0, $1) }
    }
    return [""] + Shown.columns([line("command", header)] + rows.map { line($0.0, $0.1) })
  }
}

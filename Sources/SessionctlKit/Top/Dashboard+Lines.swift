import SessionClient

extension Dashboard {
  /// Where the numbers begin.
  private static let labelColumns = 11
  /// Where spark lines begin, and how many columns they have at least.
  private static let sparkColumn = 64
  private static let sparkLeast = 8

  /// The screen, from the top.
  ///
  /// - Parameters:
  ///   - columns: how wide it is.
  ///   - rows: how many lines there is room for; nil: as many as it takes.
  ///   - note: for the right end of the first line.
  package func lines(columns: Int, rows: Int?, note: String = "") -> [TextLine] {
    var lines = [title(columns, note)]
    // The reason may be long, and is cut at its end: what matters stands before it.
    if let trouble { lines += [[TextPiece("not answered, asking again", .bad)], [TextPiece(trouble, .bad)]] }
    lines += overview(columns)
    let room = rows.map { max(0, $0 - lines.count) } ?? .max
    let busiest = busiestLines
    // The busiest sessions get a third of what is left, the commands the rest.
    let shareOfBusiest = min(busiest.count, rows == nil ? .max : room / 3)
    lines += commandLines.prefix(max(0, room - shareOfBusiest))
    lines += busiest.prefix(shareOfBusiest)
    return rows.map { Array(lines.prefix($0)) } ?? lines
  }

  private func title(_ columns: Int, _ note: String) -> TextLine {
    let statistics = report.statistics
    var line: TextLine = [
      TextPiece("sessiond \(statistics.version)", .strong),
      TextPiece("  process \(statistics.pid), up \(Shown.duration(statistics.uptime))"),
    ]
    guard !note.isEmpty else { return line }
    line.pad(to: columns - DisplayWidth.columns(note))
    line.append(TextPiece(note, .faint))
    return line
  }

  private func row(
    _ label: String, _ pieces: [TextPiece], _ history: History? = nil, _ columns: Int = 0
  ) -> TextLine {
    var line: TextLine = [TextPiece(label, .faint)]
    line.pad(to: Self.labelColumns)
    for piece in pieces { line.append(piece) }
    guard let history, columns >= Self.sparkColumn + Self.sparkLeast else { return line }
    line.pad(to: Self.sparkColumn)
    line.append(TextPiece(SparkLine.text(history.numbers, columns: columns - line.columns), .accent))
    return line
  }

  /// A number that is bad unless it is 0.
  private func flaw(_ perSecond: Double?, _ what: String) -> TextPiece {
    TextPiece("\(shown(perSecond)) \(what)", (perSecond ?? 0) > 0 ? .bad : .plain)
  }

  private func shown(_ perSecond: Double?) -> String { perSecond.map { "\(Shown.rate($0))/s" } ?? "-" }

  private func overview(_ columns: Int) -> [TextLine] {
    let statistics = report.statistics
    let connections = statistics.connections
    var lines = [
      row(
        "requests", ["\(shown(rates?.requests)), ", flaw(rates?.errors, "answered ERR")], requests, columns),
      row(
        "reads", ["\(shown(rates?.socketReads)) over the socket, \(shown(rates?.mappedReads)) mapped"], reads,
        columns),
      row(
        "hit ratio", [hitRatio(rates?.hitRatio), " now, ", hitRatio(statistics.hitRatio), " since its start"]),
      row(
        "writes", ["\(shown(rates?.writes)), ", flaw(rates?.refusedAsFull, "refused as full")], writes,
        columns),
      row(
        "sessions",
        [
          TextPiece(Shown.count(statistics.sessions), .strong),
          ", \(shown(rates?.expired)) expired, ", flaw(rates?.evicted, "evicted"),
        ], sessions, columns),
      row("memory", memoryPieces(statistics.memory), memory, columns),
      row(
        "clients",
        [
          "\(Shown.count(connections.current)) open, \(shown(rates?.accepted)) new, ",
          flaw(rates?.turnedAway, "turned away"), ", ", flaw(rates?.dropped, "dropped"),
        ]),
    ]
    if let store = statistics.store { lines.append(row("store", storePieces(store))) }
    return lines
  }

  /// Below these parts somebody should look.
  private func hitRatio(_ ratio: Double?) -> TextPiece {
    guard let ratio else { return "no reads" }
    return TextPiece(Shown.percent(ratio), ratio >= 0.9 ? .good : ratio >= 0.5 ? .warning : .bad)
  }

  private func memoryPieces(_ memory: ServerStatistics.Memory) -> [TextPiece] {
    let part = memory.limit > 0 ? Double(memory.reserved) / Double(memory.limit) : 0
    return [
      TextPiece(
        SparkLine.gauge(part, columns: 22), part >= 0.95 ? .bad : part >= 0.8 ? .warning : .good),
      " \(Shown.bytes(memory.reserved)) of \(Shown.bytes(memory.limit))",
    ]
  }

  private func storePieces(_ store: ServerStatistics.Store) -> [TextPiece] {
    let fill = store.queue > 0 ? Double(store.unsaved) / Double(store.queue) : 0
    return [
      TextPiece("\(store.kind) \(store.state)", store.state == "ok" ? .good : .bad),
      ", \(store.durability), ",
      TextPiece(
        "\(Shown.count(store.unsaved)) of \(Shown.count(store.queue)) unsaved",
        fill >= 0.5 ? .warning : .plain),
      ", \(shown(rates?.loads)) loaded (p99 \(Shown.tenths(store.load.p99)) µs), ",
      "\(shown(rates?.saves)) saved (p99 \(Shown.tenths(store.batch.p99)) µs)",
    ]
  }

  private var commandLines: [TextLine] {
    guard let commands = rates?.commands, !commands.isEmpty else { return [] }
    var table = Table(
      .left("command", least: 9), .right("per s", least: 9), .right("errors", least: 7),
      .right("p50 µs", least: 8), .right("p99 µs", least: 8), .right("max µs", least: 10),
      .right("since start"))
    for command in commands {
      table.add(
        TextPiece(command.name, command.requests > 0 ? .plain : .faint), "\(Shown.rate(command.requests))",
        TextPiece(Shown.rate(command.errors), command.errors > 0 ? .bad : .plain),
        "\(Shown.tenths(command.total.p50))", "\(Shown.tenths(command.total.p99))",
        "\(Shown.tenths(command.total.max))", "\(Shown.count(command.total.count))")
    }
    return [""] + table.takeLines()
  }

  private var busiestLines: [TextLine] {
    guard let busiest = rates?.busiest, !busiest.isEmpty else { return [] }
    var table = Table(.right("uses per s", least: 9), .left("busiest sessions"))
    for busy in busiest { table.add("\(Shown.rate(busy.uses))", "\(busy.session)") }
    return [""] + table.takeLines()
  }
}

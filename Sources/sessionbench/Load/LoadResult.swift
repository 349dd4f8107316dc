/// What a load has measured.
struct LoadResult {
  let settings: LoadSettings
  let latencies: Latencies
  let nanoseconds: Int64
  /// The processor's time that the server took meanwhile; nil if nobody asked.
  let serverNanoseconds: Int64?
  /// Likewise this process.
  let ownNanoseconds: Int64

  private static let percentiles: [(name: String, percent: Double)] = [
    ("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9),
  ]

  /// Names and whole numbers: requests a second, nanoseconds that parts of the requests took at most, nanoseconds of
  /// processor time for a request, how many requests there were.
  var numbers: [(name: String, value: Int)] {
    var numbers = [(name: "perSecond", value: Int(Double(latencies.count) * 1e9 / Double(nanoseconds)))]
    for (name, percent) in Self.percentiles {
      numbers.append((name: name, value: latencies.percentile(percent)))
    }
    numbers.append((name: "max", value: latencies.most))
    numbers.append((name: "serverTime", value: each(serverNanoseconds ?? 0)))
    numbers.append((name: "clientTime", value: each(ownNanoseconds)))
    numbers.append((name: "requests", value: latencies.count))
    return numbers
  }

  private func each(_ nanoseconds: Int64) -> Int {
    Int((Double(nanoseconds) / Double(latencies.count)).rounded())
  }

  /// The numbers with spaces between them.
  var columns: String { numbers.map { String($0.value) }.joined(separator: " ") }

  /// A JSON object of what was done and what came of it.
  var json: String {
    let texts = [
      ("server", settings.server.rawValue), ("client", settings.client.rawValue),
      ("keys", settings.keys.rawValue), ("valueBytes", settings.sizes.text),
    ]
    let conditions = [
      ("connections", settings.connections), ("inFlight", settings.depth), ("threads", settings.threads),
      ("sessions", settings.sessions), ("reads", settings.reads), ("rate", settings.rate),
      ("poll", settings.pollMicroseconds),
    ]
    // Names and numbers are JSON as they are, but for the quotes. A seed may be more than a double holds exactly.
    var members = texts.map { "\"\($0.0)\":\"\($0.1)\"" }
    members += conditions.map { "\"\($0.0)\":\($0.1)" }
    members += ["\"exponent\":\(settings.exponent)", "\"seed\":\"\(settings.seed)\""]
    for (name, value) in numbers where name != "serverTime" || serverNanoseconds != nil {
      members.append("\"\(name)\":\(value)")
    }
    return "{\(members.joined(separator: ","))}"
  }
}

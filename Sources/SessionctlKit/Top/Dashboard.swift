import SessionClient

/// What top shows: numbers of now, what led to them, and what the daemon is asked for. It is told of reports, and
/// says what stands on the screen.
package struct Dashboard: Sendable {
  /// The last report, and what happened since the one before; nil until there are two of the same daemon.
  private(set) var report: DaemonReport
  private(set) var rates: Rates?
  /// Why the last question was not answered.
  private(set) var trouble: String?

  /// What the next rates count from.
  private var base: DaemonReport
  /// The shortest time that rates are taken of, in seconds of the daemon.
  private let secondsLeast: Double

  private(set) var requests = History()
  private(set) var reads = History()
  private(set) var writes = History()
  private(set) var sessions = History()
  private(set) var memory = History()

  /// More than half a second is long enough for rates, however long the interval is.
  private static let secondsEnough = 0.5

  /// - Parameter interval: how often the daemon is to be asked, in seconds.
  package init(_ report: DaemonReport, interval: Double) {
    self.report = report
    base = report
    secondsLeast = min(interval / 2, Self.secondsEnough)
  }

  package mutating func take(_ report: DaemonReport) {
    let found = Rates(from: base, to: report)
    self.report = report
    trouble = nil
    if let found, found.seconds < secondsLeast {
      // Behind a stall two answers come close together, and the few requests between them, this program's own among
      // them, would count as thousands a second. What is shown stays, and the next rates count from further back.
      if rates == nil { rates = found }
      return
    }
    rates = found
    base = report
    guard let rates else { return }
    requests.add(rates.requests)
    reads.add(rates.socketReads + rates.mappedReads)
    writes.add(rates.writes)
    sessions.add(Double(report.statistics.sessions))
    memory.add(Double(report.statistics.memory.reserved))
  }

  /// No report came, for the reason given. What was known stays on the screen.
  package mutating func fail(_ reason: String) {
    trouble = reason
    rates = nil
  }

  /// What happened since the report before the last, for programs; nil where that is not known.
  package var json: String? { rates?.json(report.statistics) }
}

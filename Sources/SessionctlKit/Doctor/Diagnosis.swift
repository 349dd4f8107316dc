import SessionClient

/// What is wrong with a daemon, and what could not be looked at.
package struct Diagnosis: Sendable {
  /// The worst first.
  package let findings: [Finding]
  /// What could not be looked at, and why.
  package let gaps: [Gap]

  package struct Gap: Equatable, Sendable {
    package let what: String
    package let why: String
  }

  package init(_ facts: DoctorFacts) {
    var found = CacheChecks.findings(facts) + ClientChecks.findings(facts)
    if let store = facts.store {
      found += StoreChecks.findings(store, before: facts.first.statistics.store)
    }
    var gaps: [Gap] = []
    func look<Value: Sendable>(_ what: String, _ known: Known<Value>, _ check: (Value) -> [Finding]) {
      switch known {
      case .known(let value): found += check(value)
      case .unknown(let reason): gaps.append(Gap(what: what, why: reason))
      }
    }
    let memory = facts.last.statistics.memory
    look("the socket's permissions", facts.socket) { SocketChecks.findings($0) }
    look("the segment's file system", facts.segment) { SegmentChecks.findings($0, memory) }
    look("the sessions' times", facts.sessions) { _ in [] }
    look("the service", facts.unit) { UnitChecks.findings($0, memory) }
    // A sort that keeps the order of equals.
    findings = found.filter { $0.severity == .trouble } + found.filter { $0.severity == .hint }
    self.gaps = gaps
  }

  /// Of a daemon to which one can connect, and which does not answer.
  package init(silentFor seconds: Double) {
    findings = [
      Finding(
        .answer, "The daemon takes connections, but did not answer within \(Shown.duration(seconds)).",
        remedy:
          "If it stays so, restart it; no session is lost. The watchdog (WatchdogSec= of the unit) does that "
          + "by itself. If the machine is overloaded, give the daemon more processor time (CPUWeight=).")
    ]
    gaps = [Gap(what: "anything else", why: "it does not answer")]
  }

  /// Whether something is wrong, and not only worth a word.
  package var hasTrouble: Bool { findings.contains { $0.severity == .trouble } }

  /// For people.
  package var lines: [TextLine] {
    var lines: [TextLine] = []
    for finding in findings {
      let tone: Style.Tone = finding.severity == .trouble ? .bad : .warning
      lines.append([TextPiece("\(finding.severity.rawValue): ", tone), "\(finding.text)"])
      lines.append([TextPiece("  remedy: ", .good), "\(finding.remedy)"])
    }
    for gap in gaps { lines.append([TextPiece("not looked at: \(gap.what), since \(gap.why)", .faint)]) }
    let count = findings.count
    lines.append(
      count == 0
        ? [TextPiece("Nothing is wrong.", .good)]
        : [TextPiece(count == 1 ? "1 finding" : "\(count) findings", .strong)])
    return lines
  }

  /// For programs: one object.
  package var json: String {
    let gaps = gaps.map { SessionValue.object(["what": .string($0.what), "why": .string($0.why)]) }
    return SessionValue.object(["findings": .array(findings.map(\.json)), "gaps": .array(gaps)]).description
  }
}

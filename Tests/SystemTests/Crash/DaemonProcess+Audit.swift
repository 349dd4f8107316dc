import Glibc
import SegmentAudit

extension DaemonProcess {
  /// A copy of its segment, made while it is stopped.
  ///
  /// - Parameter path: where the test sees the segment, if that is not where the daemon does.
  func stillImage(at path: String? = nil) throws -> SegmentImage {
    try signal(SIGSTOP)
    defer {
      // It can only fail when the daemon has ended, which the test is about to see anyway.
      _ = Glibc.kill(pid, SIGCONT)
    }
    return try SegmentImage(copying: path ?? segmentPath)
  }

  /// An audit of its segment while nobody writes: it is sound, and adds up to what STATS says. The reclaimer
  /// may be amid its work, so one that finds something is made again.
  ///
  /// - Parameters:
  ///   - path: where the test sees the segment, if that is not where the daemon does.
  ///   - tolerated: flaws that do not count.
  /// - Throws: what is wrong, if it stays so.
  func audit(at path: String? = nil, tolerating tolerated: Set<Flaw.Kind> = []) throws -> AuditReport {
    var complaint = ""
    for _ in 0..<20 {
      let statistics = try ask("STATS")
      let report = SegmentAudit.of(try stillImage(at: path))
      complaint = try Self.complaint(about: report, statistics, tolerated)
      if complaint.isEmpty { return report }
      pause(milliseconds: 25)
    }
    throw Failure("the audit: \(complaint)")
  }

  private static func complaint(
    about report: AuditReport, _ statistics: String, _ tolerated: Set<Flaw.Kind>
  ) throws -> String {
    let flaws = report.flaws.filter { !tolerated.contains($0.kind) }
    if !flaws.isEmpty { return flaws.map(\.description).joined(separator: "\n") }
    let sums = [
      ("sessions", report.sessions.count), ("marks", report.marks.count),
      ("tagged_pairs", report.taggedPairs), ("used", report.usedBytes), ("index", report.indexBytes),
    ]
    var complaints = try sums.compactMap { name, sum in
      let told = try statistics.number(name)
      return told == Double(sum) ? nil : "\(name): \(sum) found, STATS says \(told)"
    }
    // Pages that came back lately are kept for a while.
    let reserved = try statistics.number("reserved")
    if reserved < Double(report.reservedBytes) {
      complaints.append("reserved: \(report.reservedBytes) found, STATS says \(reserved)")
    }
    return complaints.joined(separator: "\n")
  }
}

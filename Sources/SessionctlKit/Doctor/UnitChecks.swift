import SessionClient
import SessionWire

/// The unit that systemd runs the daemon by.
enum UnitChecks {
  static func findings(_ unit: UnitFacts, _ memory: ServerStatistics.Memory) -> [Finding] {
    supervision(unit) + memoryBound(unit, memory) + persistence(unit)
  }

  private static func edit(_ unit: UnitFacts, _ line: String) -> String {
    "systemctl edit \(unit.name): \(line) under [Service], then restart it; no session is lost."
  }

  private static func supervision(_ unit: UnitFacts) -> [Finding] {
    var findings: [Finding] = []
    if let watchdog = unit["WatchdogUSec"], watchdog == "0" || watchdog == "infinity" {
      findings.append(
        Finding(
          .watchdog,
          "The watchdog is off in \(unit.name): a daemon that hangs stays so until somebody sees it.",
          remedy: edit(unit, "WatchdogSec=10s")))
    }
    if let restart = unit["Restart"], restart != "always", restart != "on-failure" {
      findings.append(
        Finding(
          .restart, "After a crash \(unit.name) is not started again in every case (Restart=\(restart)).",
          remedy: edit(unit, "Restart=always")))
    }
    if let text = unit["NRestarts"], let restarts = Int(text), restarts > 0 {
      findings.append(
        Finding(
          .restarts, severity: .hint,
          "systemd had to start \(unit.name) again \(restarts == 1 ? "once" : "\(restarts) times") since it was "
            + "started by somebody.",
          remedy:
            "journalctl -u \(unit.name) says why. systemctl reset-failed \(unit.name) sets the count to 0."))
    }
    if let limit = unit["StartLimitIntervalUSec"], limit != "0", limit != "infinity" {
      findings.append(
        Finding(
          .startLimit, severity: .hint,
          "Some crashes within \(limit) make systemd give up on \(unit.name), and on its socket.",
          remedy: "systemctl edit \(unit.name): StartLimitIntervalSec=0 under [Unit]."))
    }
    return findings
  }

  private static func memoryBound(_ unit: UnitFacts, _ memory: ServerStatistics.Memory) -> [Finding] {
    let beside = DaemonFootprint.bytesBeside(memory.limit)
    guard let most = unit.memoryMaxBytes, most < memory.limit + beside else { return [] }
    return [
      Finding(
        .memoryMax,
        "MemoryMax= of \(unit.name) is \(Shown.bytes(most)), which max-memory (\(Shown.bytes(memory.limit))) with the "
          + "daemon's own \(Shown.bytes(beside)) does not fit into: the kernel ends the daemon before the cache is full.",
        remedy: edit(unit, "MemoryMax=\((memory.limit + beside) / (1 << 20) + 1)M or more")
          + " Or lower max-memory.")
    ]
  }

  private static func persistence(_ unit: UnitFacts) -> [Finding] {
    var findings: [Finding] = []
    if unit["RuntimeDirectory"] != nil, unit["RuntimeDirectoryPreserve"] == "no" {
      findings.append(
        Finding(
          .runtimeDirectory,
          "systemd removes the runtime directory of \(unit.name) when it stops, and with it the segment: a restart "
            + "loses the sessions.",
          remedy: edit(unit, "RuntimeDirectoryPreserve=yes")))
    }
    if let users = unit["PrivateUsers"], users == "yes" || users == "self" {
      findings.append(
        Finding(
          .privateUsers,
          "\(unit.name) has PrivateUsers=\(users): the daemon sees all users but root and its own as one, so admins, "
            + "readers and mappers do not mean whom they name.",
          remedy: edit(unit, "PrivateUsers=no")))
    }
    return findings
  }
}

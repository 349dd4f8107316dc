import SessionClient

/// What sessions take of a machine's memory at one moment, in bytes.
struct MemorySample: Equatable, Sendable {
  let sessions: Int
  /// Of the segment: in use, and taken from the system.
  let used: Int
  let reserved: Int
  /// What the daemon has in memory, and how much of that is shared: the segment.
  let resident: Int
  let shared: Int

  /// Asks the daemon, and the kernel about it.
  static func take(_ daemon: DaemonProbe) async throws -> MemorySample {
    let statistics = try await daemon.statistics()
    let resident = try ProcessMemory.resident(of: statistics.pid)
    return MemorySample(
      sessions: statistics.sessions, used: statistics.memory.used, reserved: statistics.memory.reserved,
      resident: resident.all, shared: resident.shared)
  }
}

/// Which daemon this is, as `HELLO` and `STATS` tell it.
public struct ServerIdentity: Sendable {
  /// The version of this program.
  public static let currentVersion = "0.1.0"

  public let version: String
  public let pid: Int32
  /// Nanoseconds of CLOCK_BOOTTIME.
  public let started: Int64
  /// The user as whom the daemon runs.
  public let uid: UInt32

  public init(version: String = Self.currentVersion, pid: Int32, started: Int64, uid: UInt32) {
    self.version = version
    self.pid = pid
    self.started = started
    self.uid = uid
  }
}

import Glibc
import SessionClient
import SystemCalls

/// The memory that a server takes from the machine.
struct ServerMemory {
  private static let settlingNanoseconds: Int64 = 10_000_000_000
  private static let pauseMicroseconds: UInt32 = 250_000

  let server: Server
  let process: Int
  let socket: String

  /// Waits until it stays as it is: Redis, for one, builds a larger table beside the old one for a while. At most ten
  /// seconds.
  ///
  /// - Returns: bytes.
  func settled() async throws -> Int {
    let end = BootClock.system.now() + Self.settlingNanoseconds
    var bytes = try await now()
    while BootClock.system.now() < end {
      usleep(Self.pauseMicroseconds)
      let next = try await now()
      if next == bytes { break }
      bytes = next
    }
    return bytes
  }

  /// What is in memory. Of sessiond's segment all that was taken from the system for it, whether somebody has looked at it
  /// or not.
  private func now() async throws -> Int {
    let resident = try ProcessMemory.resident(of: process)
    guard server == .sessiond else { return resident.all }
    return try await resident.all - resident.shared + DaemonProbe(socket: socket).statistics().memory.reserved
  }
}

import CLinux
import Glibc

/// A peer's ids as the kernel vouches for them: those that it had when it connected.
public struct PeerCredentials: Sendable, Equatable {
  public let pid: Int32
  public let uid: UInt32
  public let gid: UInt32
  /// The supplementary groups.
  public let groups: [UInt32]

  public init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
    self.groups = groups
  }

  /// SO_PEERCRED and SO_PEERGROUPS (unix(7)) of a connected socket.
  public static func of(_ socket: Int32) throws(SystemCallError) -> PeerCredentials {
    var peer = linux_peer()
    _ = try systemCall("getsockopt") { linux_peer_credentials(socket, &peer) }
    return PeerCredentials(pid: peer.pid, uid: peer.uid, gid: peer.gid, groups: try groups(socket))
  }

  private static func groups(_ socket: Int32) throws(SystemCallError) -> [UInt32] {
    // Enough for almost everybody; the kernel tells how many there are if it is not.
    var groups = [UInt32](repeating: 0, count: 32)
    var count = UInt32(groups.count)
    do throws(SystemCallError) {
      _ = try systemCall("getsockopt") { linux_peer_groups(socket, &groups, &count) }
    } catch {
      guard error.code == ERANGE else { throw error }
      groups = [UInt32](repeating: 0, count: Int(count))
      _ = try systemCall("getsockopt") { linux_peer_groups(socket, &groups, &count) }
    }
    groups.removeSubrange(Int(count)...)
    return groups
  }
}

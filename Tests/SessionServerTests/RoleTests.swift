import SessionWire
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The role")
struct RoleTests {
  @Test("is admin for root and the daemon's own user, app for everybody else; groups and pids count nothing")
  func roles() {
    func role(_ uid: UInt32, gid: UInt32 = 0, pid: Int32 = 1) -> Role {
      Role(PeerCredentials(pid: pid, uid: uid, gid: gid), daemon: 990)
    }
    #expect(role(0, gid: 5) == .admin)
    #expect(role(990, pid: 0) == .admin)
    for uid in [1, 989, 991, 65_534, .max] as [UInt32] { #expect(role(uid) == .app) }
  }
}

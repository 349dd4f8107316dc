import SessionWire
import SystemCalls
import Testing

@testable import SessionServer

@Suite("The role")
struct RoleRulesTests {
  private func role(
    _ uid: UInt32, gid: UInt32 = 100, groups: [UInt32] = [], pid: Int32 = 1, admins: PeerList = .nobody,
    readers: PeerList = .nobody
  ) -> Role {
    RoleRules(daemonUID: 990, admins: admins, readers: readers).role(
      of: PeerCredentials(pid: pid, uid: uid, gid: gid, groups: groups))
  }

  @Test("is admin for root and the daemon's own user, app for everybody else; groups and pids count nothing")
  func withoutLists() {
    #expect(role(0, gid: 5) == .admin)
    #expect(role(990, pid: 0) == .admin)
    for uid in [1, 989, 991, 65_534, .max] as [UInt32] {
      #expect(role(uid, gid: 0, groups: [0, 990]) == .app)
    }
  }

  @Test("is what the lists say, by user, group or supplementary group; admins go before readers")
  func lists() {
    let admins = PeerList.these(users: [1000], groups: [50])
    let readers = PeerList.these(users: [1000, 2000], groups: [50, 60])
    func role(_ uid: UInt32, gid: UInt32 = 100, groups: [UInt32] = []) -> Role {
      self.role(uid, gid: gid, groups: groups, admins: admins, readers: readers)
    }
    #expect(role(1000) == .admin)
    #expect(role(3000, gid: 50) == .admin)
    #expect(role(2000, groups: [7, 50]) == .admin)
    #expect(role(2000) == .reader)
    #expect(role(3000, gid: 60) == .reader)
    #expect(role(3000, groups: [59, 60]) == .reader)
    // A group's number is no user's, nor the other way round.
    #expect(role(50) == .app)
    #expect(role(3000, gid: 1000, groups: [2000]) == .app)
  }

  @Test("is never less than admin for root and the daemon's own user, and may be one for all others")
  func everybody() {
    #expect(role(0, readers: .everybody) == .admin)
    #expect(role(990, readers: .everybody) == .admin)
    #expect(role(1000, readers: .everybody) == .reader)
    #expect(role(1000, admins: .everybody, readers: .everybody) == .admin)
  }
}

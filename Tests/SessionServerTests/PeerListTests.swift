import SystemCalls
import Testing

@testable import SessionServer

@Suite("A list of peers")
struct PeerListTests {
  private func peer(_ uid: UInt32, _ gid: UInt32, _ groups: [UInt32] = []) -> PeerCredentials {
    PeerCredentials(pid: 1, uid: uid, gid: gid, groups: groups)
  }

  @Test("holds everybody or nobody, root not excepted")
  func extremes() {
    for peer in [peer(0, 0), peer(1000, 1000, [4]), peer(.max, .max)] {
      #expect(PeerList.everybody.contains(peer))
      #expect(!PeerList.nobody.contains(peer))
      #expect(!PeerList.these(users: [], groups: []).contains(peer))
    }
  }

  @Test("holds users by their number, and groups whether they are a peer's main one or another")
  func these() {
    let list = PeerList.these(users: [10, 11], groups: [20, 21])
    #expect(list.contains(peer(10, 1)))
    #expect(list.contains(peer(11, 1, [2, 3])))
    #expect(list.contains(peer(1, 20)))
    #expect(list.contains(peer(1, 2, [3, 21, 4])))
    // The numbers of users and of groups have nothing to do with each other.
    #expect(!list.contains(peer(20, 10, [11])))
    #expect(!list.contains(peer(1, 2, [3, 4])))
    #expect(!list.contains(peer(0, 0, [0])))
  }
}

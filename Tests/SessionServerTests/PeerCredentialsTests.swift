import Glibc
import SystemCalls
import Testing

@Suite("A peer's credentials")
struct PeerCredentialsTests {
  @Test("are its ids with its supplementary groups, however many those are")
  func own() throws {
    var ends: [Int32] = [0, 0]
    _ = try systemCall("socketpair") {
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    let one = Descriptor(owning: ends[0])
    let other = Descriptor(owning: ends[1])
    let count = try systemCall("getgroups") { getgroups(0, nil) }
    var groups = [UInt32](repeating: 0, count: Int(count))
    _ = try systemCall("getgroups") { getgroups(count, &groups) }
    let peer = try PeerCredentials.of(one.number)
    #expect(peer == PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid(), groups: groups))
    #expect(try PeerCredentials.of(other.number) == peer)
  }

  @Test("can't be had of what is no socket")
  func noSocket() throws {
    let descriptor = try Descriptor.open("/dev/null", O_RDONLY)
    #expect(throws: SystemCallError("getsockopt", ENOTSOCK)) { try PeerCredentials.of(descriptor.number) }
  }
}

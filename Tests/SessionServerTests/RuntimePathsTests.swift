import Glibc
import Testing

@testable import SessionServer

extension ProcessWide {
  @Suite("Runtime paths")
  struct RuntimePathsTests {
    @Test("put the socket where systemd says, else where the user's sockets lie")
    func defaultSocket() {
      let both = ["RUNTIME_DIRECTORY": "/run/sessiond", "XDG_RUNTIME_DIR": "/run/user/7"]
      #expect(RuntimePaths.defaultSocket(environment: both, uid: 7) == "/run/sessiond/sessiond.sock")
      let user = ["XDG_RUNTIME_DIR": "/run/user/7"]
      #expect(RuntimePaths.defaultSocket(environment: user, uid: 7) == "/run/user/7/sessiond.sock")
      let empty = ["RUNTIME_DIRECTORY": "", "XDG_RUNTIME_DIR": ""]
      #expect(RuntimePaths.defaultSocket(environment: empty, uid: 0) == "/run/sessiond.sock")
      #expect(RuntimePaths.defaultSocket(environment: [:], uid: 0) == "/run/sessiond.sock")
      #expect(RuntimePaths.defaultSocket(environment: [:], uid: 7) == "/tmp/sessiond-7/sessiond.sock")
    }

    @Test("find a group by its name or number")
    func groups() throws {
      #expect(try RuntimePaths.group("0") == 0)
      #expect(try RuntimePaths.group("root") == 0)
      #expect(try RuntimePaths.group("4294967294") == 4_294_967_294)
      #expect(throws: ConfigurationError("socket-group: there is no group 'no-such-group'")) {
        try RuntimePaths.group("no-such-group")
      }
    }

    @Test(
      "make the private directory in /tmp only for the socket that is to lie there, and only a private one")
    func privateDirectory() throws {
      // A user number that nobody has here.
      let uid: UInt32 = 3_999_999_000 + UInt32(getpid() % 1000)
      let directory = "/tmp/sessiond-\(uid)"
      defer { rmdir(directory) }
      try RuntimePaths.prepare(socket: "/run/sessiond.sock", uid: uid)
      #expect(access(directory, F_OK) != 0)
      try RuntimePaths.prepare(socket: "\(directory)/sessiond.sock", uid: uid)
      var status = stat()
      #expect(lstat(directory, &status) == 0)
      #expect(status.st_mode & 0o7777 == 0o700)
      // The test made it, so that it is not that user's.
      #expect(throws: ConfigurationError("\(directory) is not this user's private directory (mode 0700)")) {
        try RuntimePaths.prepare(socket: "\(directory)/sessiond.sock", uid: uid)
      }
    }
  }
}

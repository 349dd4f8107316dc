import Glibc
import Testing

@testable import SessionClient

@Suite struct SocketLocatorTests {
  private func locator(_ named: String? = nil, _ environment: [String: String]) -> SocketLocator {
    SocketLocator(named: named, user: 1234, environment: { environment[$0] })
  }

  @Test("a named path comes first, then the environment's")
  func named() throws {
    #expect(try locator("/a", ["SESSIOND_SOCKET": "/b"]).path() == "/a")
    #expect(try locator(nil, ["SESSIOND_SOCKET": "/b", "XDG_RUNTIME_DIR": "/c"]).path() == "/b")
  }

  @Test("the usual places are looked at in their order")
  func candidates() {
    #expect(
      locator(nil, ["XDG_RUNTIME_DIR": "/run/user/1234", "SESSIOND_SOCKET": ""]).description
        == "/run/user/1234/sessiond.sock or /run/sessiond.sock or /tmp/sessiond-1234/sessiond.sock")
    #expect(
      locator(nil, ["XDG_RUNTIME_DIR": ""]).candidates.map(\.path)
        == ["/run/sessiond.sock", "/tmp/sessiond-1234/sessiond.sock"])
    #expect(locator(nil, [:]).candidates.map(\.needsPrivateDirectory) == [false, true])
  }

  @Test("the first that exists is taken, and none is an error that names them all")
  func firstThatExists() throws {
    let (empty, full) = (try TemporaryDirectory(), try TemporaryDirectory())
    let candidates = [empty, full].map {
      SocketLocator.Candidate(path: $0.path + "/sessiond.sock", needsPrivateDirectory: true)
    }
    let locator = SocketLocator(candidates: candidates, user: getuid())
    #expect(
      throws: SessionError.unavailable(socket: locator.description, reason: "No such file or directory")
    ) { try locator.path() }
    let daemon = try FakeDaemon(in: full) { $0.waitForEnd() }
    #expect(try locator.path() == daemon.path)
  }

  @Test("a directory that others may write to, or that belongs to another user, is not trusted")
  func trust() throws {
    let directory = try TemporaryDirectory()
    let daemon = try FakeDaemon(in: directory) { $0.waitForEnd() }
    let candidate = SocketLocator.Candidate(path: daemon.path, needsPrivateDirectory: true)
    let owner = getuid()
    #expect(try SocketLocator(candidates: [candidate], user: owner).path() == daemon.path)
    chmod(directory.path, 0o777)
    #expect(throws: SessionError.self) { try SocketLocator(candidates: [candidate], user: owner).path() }
    chmod(directory.path, 0o700)
    // What belongs to root is trusted by everybody.
    if owner != 0 {
      #expect(throws: SessionError.self) {
        try SocketLocator(candidates: [candidate], user: owner + 1).path()
      }
    }
    let link = directory.path + "-link"
    symlink(directory.path, link)
    defer { unlink(link) }
    let linked = SocketLocator.Candidate(path: link + "/sessiond.sock", needsPrivateDirectory: true)
    #expect(throws: SessionError.self) { try SocketLocator(candidates: [linked], user: owner).path() }
  }
}

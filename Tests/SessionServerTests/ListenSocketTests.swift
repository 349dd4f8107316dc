import Glibc
import SystemCalls
import Testing

@testable import SessionServer

extension ProcessWide {
  @Suite("The listening socket")
  struct ListenSocketTests {
    private func bind(_ path: String, mode: UInt32 = 0o600) throws -> ListenSocket {
      try ListenSocket.bind(path: path, mode: mode, group: nil)
    }

    /// Why a socket can't be bound there; nil if it can.
    private func refusal(_ path: String) -> ListenSocket.Failure? {
      do {
        let socket = try bind(path)
        socket.close()
        return nil
      } catch {
        return error as? ListenSocket.Failure
      }
    }

    @Test("has the mode that was asked for", arguments: [0o600, 0o660, 0o666, 0o622] as [UInt32])
    func mode(mode: UInt32) throws {
      try TemporaryDirectory.with { directory in
        let socket = try bind(directory.file("s"), mode: mode)
        #expect(directory.status("s")?.kind == S_IFSOCK)
        #expect(directory.status("s")?.mode == mode)
        socket.close()
      }
    }

    @Test("is open to nobody else at any moment, even under a umask of 0")
    func neverWider() async {
      // In a process of its own, since the umask is the process's.
      await #expect(processExitsWith: .success) {
        umask(0)
        try TemporaryDirectory.with { directory in
          let path = directory.file("s")
          let watch = ModeWatch(path: path)
          let watcher = try ServiceThread(name: "watcher") { watch.run() }
          // Until it was seen often enough, at whatever pace the watcher gets to run.
          for _ in 0..<100_000 where watch.sightings < 500 {
            let socket = try ListenSocket.bind(path: path, mode: 0o600, group: getgid())
            socket.close()
          }
          watch.stop()
          watcher.join()
          #expect(watch.sightings >= 500)
          #expect(watch.modes == [0o600])
        }
        #expect(umask(0o022) == 0, "the umask is as it was")
      }
    }

    /// A socket file that nobody listens on: as after a kill.
    private func leaveStale(_ path: String) throws {
      let address = try #require(UnixAddress(path: path))
      let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      #expect(address.withSocketAddress { Glibc.bind(number, $0, $1) } == 0)
      Glibc.close(number)
    }

    @Test("in the end removes its own file, and none that another has put in its place")
    func removesItsOwn() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("s")
        let first = try bind(path)
        unlink(path)
        try leaveStale(path)
        first.close()
        #expect(directory.status("s")?.kind == S_IFSOCK)
      }
    }

    @Test("takes over one that nobody serves any more")
    func stale() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("s")
        try leaveStale(path)
        #expect(directory.status("s")?.kind == S_IFSOCK)
        let socket = try bind(path)
        withExtendedLifetime(try TestClient(path: path)) {}
        socket.close()
        #expect(directory.status("s") == nil)
      }
    }

    @Test("refuses one whose lock another daemon holds, and tells its pid")
    func locked() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("s")
        let socket = try bind(path)
        #expect(refusal(path)?.description == "another daemon (pid \(getpid())) is serving \(path)")
        // The one that is there does not suffer.
        withExtendedLifetime(try TestClient(path: path)) {}
        socket.close()
      }
    }

    @Test("refuses one that somebody serves without a lock, and tells the pid")
    func served() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("s")
        let socket = try bind(path)
        unlink("\(path).lock")
        #expect(refusal(path)?.description == "another daemon (pid \(getpid())) is serving \(path)")
        #expect(directory.status("s")?.kind == S_IFSOCK)
        withExtendedLifetime(try TestClient(path: path)) {}
        socket.close()
      }
    }

    @Test("leaves what is no socket alone")
    func inTheWay() throws {
      try TemporaryDirectory.with { directory in
        try directory.write("precious", to: "file")
        mkdir(directory.file("directory"), 0o700)
        symlink(directory.file("nowhere"), directory.file("dangling"))
        try leaveStale(directory.file("stale"))
        symlink(directory.file("stale"), directory.file("link"))
        for (name, kind) in [
          ("file", S_IFREG), ("directory", S_IFDIR), ("dangling", S_IFLNK), ("link", S_IFLNK),
        ] {
          let path = directory.file(name)
          #expect(refusal(path)?.description == "\(path): something that is no socket is in the way")
          #expect(directory.status(name)?.kind == kind)
        }
        #expect(try directory.text("file") == "precious")
        #expect(directory.status("stale")?.kind == S_IFSOCK)
      }
    }

    @Test("has a path of at most 107 bytes")
    func longPath() throws {
      try TemporaryDirectory.with { directory in
        let room = UnixAddress.pathBytesMost - directory.path.utf8.count - 1
        let most = directory.file(String(repeating: "s", count: room))
        #expect(refusal(most) == nil)
        #expect(refusal("\(most)s")?.description == "\(most)s: a socket's path has 1 to 107 bytes")
        #expect(refusal("") != nil)
      }
    }

    @Test("leaves nothing behind when its group can't be set")
    func foreignGroup() async {
      // In a process of its own, which may not give files to root's group.
      await #expect(processExitsWith: .success) {
        try TemporaryDirectory.with { directory in
          if getuid() == 0 {
            chown(directory.path, 65_534, 65_534)
            setgroups(0, nil)
            setgid(65_534)
            setuid(65_534)
          }
          let path = directory.file("s")
          let error = #expect(throws: ListenSocket.Failure.self) {
            _ = try ListenSocket.bind(path: path, mode: 0o660, group: 0)
          }
          #expect(error?.description == "\(path): chown: Operation not permitted")
          #expect(directory.status("s") == nil)
        }
      }
    }

    @Test("says which directory is missing")
    func noDirectory() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("none/s")
        #expect(refusal(path)?.description == "\(path).lock: open: No such file or directory")
      }
    }

    @Test("disappears when it is closed; its lock file stays with the pid and can be had again")
    func closing() throws {
      try TemporaryDirectory.with { directory in
        let socket = try bind(directory.file("s"))
        let isOwn = socket.isOwn
        #expect(isOwn)
        #expect(try directory.text("s.lock") == "\(getpid())\n")
        socket.close()
        #expect(directory.status("s") == nil)
        #expect(directory.status("s.lock")?.kind == S_IFREG)
        #expect(refusal(directory.file("s")) == nil)
      }
    }

    @Test("stays when it was handed over")
    func handedOver() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("s")
        let bound = try bind(path)
        let socket = try ListenSocket(handedOver: try systemCall("dup") { dup(bound.number) })
        let isOwn = socket.isOwn
        #expect(!isOwn)
        let flags = try systemCall("fcntl") { fcntl(socket.number, F_GETFL) }
        #expect(flags & O_NONBLOCK != 0)
        let closesOnExec = try systemCall("fcntl") { fcntl(socket.number, F_GETFD) }
        #expect(closesOnExec & FD_CLOEXEC != 0)
        socket.close()
        #expect(directory.status("s")?.kind == S_IFSOCK)
        bound.close()
      }
    }
  }
}

import Glibc
import Testing

@testable import SystemCalls

extension ProcessWide {
  @Suite("A pid lock")
  struct PidLockTests {
    /// How taking the lock fails; nil if it does not.
    private func failure(_ path: String) -> PidLock.Failure? {
      do throws(PidLock.Failure) {
        _ = try PidLock.take(path: path)
        return nil
      } catch {
        return error
      }
    }

    private func taken(_ path: String) -> PidLock.Taken? {
      if case .taken(let taken) = failure(path) { taken } else { nil }
    }

    private func systemError(_ path: String) -> Int32? {
      if case .system(let error) = failure(path) { error.code } else { nil }
    }

    @Test("is had by one at a time, who is told to the next")
    func exclusive() throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("lock")
        do {
          let lock = try PidLock.take(path: path)
          #expect(taken(path) == PidLock.Taken(path: path, pid: getpid()))
          withExtendedLifetime(lock) {}
        }
        // Not at once, perhaps: a child that is just being started has the lock, too, until it executes.
        try eventually("it can be had again") { failure(path) == nil }
      }
    }

    @Test("replaces all that stood in its file, and shows it to nobody else")
    func contents() throws {
      try TemporaryDirectory.with { directory in
        try directory.write(String(repeating: "9", count: 1000), to: "lock")
        let lock = try PidLock.take(path: directory.file("lock"))
        #expect(try directory.text("lock") == "\(getpid())\n")
        let fresh = try PidLock.take(path: directory.file("fresh"))
        #expect(directory.status("fresh")?.mode == 0o600)
        withExtendedLifetime(lock) {}
        withExtendedLifetime(fresh) {}
      }
    }

    @Test(
      "is taken also where its file does not tell by whom", arguments: ["", "x", "12x\n", "99999999999999\n"])
    func unknownHolder(contents: String) throws {
      try TemporaryDirectory.with { directory in
        let path = directory.file("lock")
        let lock = try PidLock.take(path: path)
        try directory.write(contents, to: "lock")
        #expect(taken(path) == PidLock.Taken(path: path, pid: nil))
        withExtendedLifetime(lock) {}
      }
    }

    @Test("follows no symbolic link and says what is wrong with its path")
    func unusable() throws {
      try TemporaryDirectory.with { directory in
        try directory.write("precious", to: "file")
        symlink(directory.file("file"), directory.file("link"))
        mkdir(directory.file("directory"), 0o700)
        #expect(systemError(directory.file("link")) == ELOOP)
        #expect(systemError(directory.file("directory")) == EISDIR)
        #expect(systemError(directory.file("none/lock")) == ENOENT)
        #expect(try directory.text("file") == "precious")
      }
    }
  }
}

import Glibc
import SessionStore
import StoreSupport
import SystemCalls
import Testing

struct SQLiteFileTests {
  /// Expects a start to be refused, once and for all, and the file to be as it was, with nothing beside it.
  private func expectRefusal(_ directory: DatabaseDirectory, _ text: String) throws {
    chmod(directory.database, 0o644)
    let before = try directory.bytes("sessions.db")
    for _ in 0..<2 {
      let store = directory.store()
      for _ in 0..<2 {
        let error = #expect(throws: StoreError.self) { try store.open() }
        #expect(!reason(error).isPassing)
        #expect(reason(error).text.contains(text), "\(reason(error).text)")
      }
      store.close()
    }
    #expect(try directory.bytes("sessions.db") == before)
    #expect(directory.mode("sessions.db") == "644")
    #expect(directory.names == ["sessions.db", "sessions.db-lock"])
  }

  @Test("a database of a later version is refused, and stays as it is")
  func newer() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { _ in }
      try RawDatabase(directory.database).execute("PRAGMA user_version = 2")
      try expectRefusal(directory, "it has version 2, and this program knows up to 1")
    }
  }

  @Test("a version that is still in the log is seen, and the log not moved")
  func newerInLog() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { _ in }
      let raw = try RawDatabase(directory.database)
      try raw.execute("PRAGMA user_version = 9")
      let copy = try directory.copied()
      let before = try (copy.bytes("copy.db"), copy.bytes("copy.db-wal"))
      let store = copy.store()
      let error = #expect(throws: StoreError.self) { try store.open() }
      #expect(!reason(error).isPassing)
      store.close()
      #expect(try (copy.bytes("copy.db"), copy.bytes("copy.db-wal")) == before)
    }
  }

  @Test("a database of another program is refused, and stays as it is", arguments: ["delete", "wal"])
  func foreign(journal: String) throws {
    try DatabaseDirectory.with { directory in
      try RawDatabase(directory.database).execute(
        "PRAGMA journal_mode = \(journal); CREATE TABLE cookies (a); INSERT INTO cookies VALUES (1)")
      try expectRefusal(directory, "a database of another program")
    }
  }

  @Test("a file that is no database is refused, unless one of ours was there")
  func noDatabase() throws {
    try DatabaseDirectory.with { directory in
      let text = Array(String(repeating: "root:x:0:0\n", count: 2000).utf8)
      try directory.write(text, to: "sessions.db")
      try expectRefusal(directory, "it is no database")
      // One of another program that has a whole head and nothing else.
      try RawDatabase(directory.path + "/other.db").execute("CREATE TABLE cookies (a)")
      let head = try directory.bytes("other.db").prefix(100)
      unlink(directory.path + "/other.db")
      try directory.write(head + [UInt8](repeating: 0xA5, count: 8092), to: "sessions.db")
      try expectRefusal(directory, "it is no database")
    }
  }

  @Test("paths that lead nowhere are refused: no directory, a link, a directory, a pipe")
  func paths() throws {
    try DatabaseDirectory.with { directory in
      func expectUnfit(_ path: String, line: Int = #line) {
        let store = SQLiteStore(path: path, timeout: 1_000_000, clock: directory.clock)
        let error = #expect(throws: StoreError.self) { try store.open() }
        #expect(!reason(error).isPassing, "line \(line): \(reason(error).text)")
      }
      expectUnfit("\(directory.path)/none/sessions.db")
      expectUnfit(directory.path)
      #expect(access("\(directory.path)-lock", F_OK) != 0, "a file beside what is no file")
      try directory.write([], to: "real.db")
      #expect(symlink("\(directory.path)/real.db", "\(directory.path)/link.db") == 0)
      expectUnfit("\(directory.path)/link.db")
      #expect(mkfifo("\(directory.path)/pipe.db", 0o600) == 0)
      expectUnfit("\(directory.path)/pipe.db")
      #expect(directory.size("real.db") == 0)
    }
  }

  @Test("a file that is empty, or was given up while it was made, is begun anew")
  func unfinished() throws {
    try DatabaseDirectory.with { directory in
      try RawDatabase(directory.database).execute("PRAGMA journal_mode = WAL")
      #expect(directory.size("sessions.db") > 0)
      try directory.withStore { store in
        _ = try store.apply(
          Records.saves([Records.session("s", version: 1, at: directory.time.now)]), sync: true)
      }
      try directory.withStore { store in
        let loaded = try store.records([Array("s".utf8)])[0]
        #expect(loaded != nil)
      }
    }
  }

  @Test("a path of odd characters is the name of one file")
  func oddPath() throws {
    try DatabaseDirectory.with { directory in
      var odd = directory
      odd.name = "a b?mode=memory#%41'\"ü.db"
      try odd.withStore { store in
        _ = try store.apply(
          Records.saves([Records.session("s", version: 1, at: directory.time.now)]), sync: true)
      }
      #expect(directory.names == [odd.name, "\(odd.name)-lock"])
      try odd.withStore { store in
        let loaded = try store.records([Array("s".utf8)])[0]
        #expect(loaded != nil)
      }
    }
  }

  @Test("a file that was left open says so without its log, too")
  func markInFile() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { _ in }
      try directory.withStore { _ in
        let copy = try directory.copied()
        #expect(unlink(copy.database + "-wal") == 0)
        #expect(try RawDatabase(copy.database).value("SELECT is_clean FROM head") == "0")
      }
    }
  }

  @Test("syncing is what it was asked to be, and a close marks the file as whole")
  func marks() throws {
    try DatabaseDirectory.with { directory in
      let raw = try directory.withStore { store in
        _ = try store.apply(
          Records.saves([Records.session("s", version: 7, at: directory.time.now)]), sync: true)
        let raw = try RawDatabase(directory.database)
        #expect(try raw.value("SELECT is_clean || ' ' || last_version FROM head") == "0 7")
        #expect(try raw.value("PRAGMA journal_mode") == "wal")
        return raw
      }
      #expect(try raw.value("SELECT is_clean || ' ' || last_version FROM head") == "1 7")
      #expect(try raw.value("PRAGMA integrity_check") == "ok")
    }
  }
}

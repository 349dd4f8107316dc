import CLinux
import Glibc
import SessionStore
import StoreSupport
import SystemCalls
import Testing

struct SQLiteTroubleTests {
  @Test("while another connection has the file locked changes fail and loads go on; then all is as before")
  func locked() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let first = Records.session("s1", version: 1, at: directory.time.now)
        let second = Records.session("s2", version: 2, at: directory.time.now)
        _ = try store.apply(Records.saves([first]), sync: true)
        let raw = try RawDatabase(directory.database)
        try raw.execute("BEGIN IMMEDIATE")
        for _ in 0..<3 {
          let error = #expect(throws: StoreError.self) {
            try store.apply(Records.saves([second]), sync: true)
          }
          #expect(reason(error).isPassing && reason(error).isDecided)
          #expect(reason(error).text.contains("another process has locked it"))
          #expect(throws: StoreError.self) { try store.open() }
          #expect(try store.records([first.id, second.id]) == [first, nil])
        }
        try raw.execute("ROLLBACK")
        #expect(try store.open().lastVersion == 1)
        _ = try store.apply(Records.saves([second]), sync: true)
        #expect(try store.records([first.id, second.id]) == [first, second])
      }
    }
  }

  @Test("somebody who reads for long keeps nobody from writing, nor from opening")
  func longReader() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let raw = try RawDatabase(directory.database)
        try raw.execute("BEGIN; SELECT count(*) FROM session")
        for version in 1...20 as ClosedRange<UInt64> {
          _ = try store.apply(
            Records.saves(
              (0..<50).map { Records.session("s\($0)", version: version, at: directory.time.now) }),
            sync: false)
        }
        _ = try store.open()
        #expect(try raw.value("SELECT count(*) FROM session") == "0")
        try raw.execute("COMMIT")
        #expect(try raw.value("SELECT count(*) FROM session") == "50")
      }
    }
  }

  @Test("a batch of which a change can't be made is not made at all")
  func wholeBatches() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let first = Records.session("s1", version: 1, at: directory.time.now)
        _ = try store.apply(Records.saves([first]), sync: true)
        try RawDatabase(directory.database).execute(
          """
          CREATE TRIGGER stop BEFORE INSERT ON session WHEN NEW.version = 30
          BEGIN SELECT RAISE(ABORT, 'no'); END
          """)
        let batch = (10...30).map { Records.session("t\($0)", version: UInt64($0), at: directory.time.now) }
        let error = #expect(throws: StoreError.self) { try store.apply(Records.saves(batch), sync: true) }
        #expect(reason(error).isPassing && reason(error).isDecided)
        // What made it fail looks like damage, so all of the file is proved.
        #expect(throws: StoreError.self) { try store.check() }
        try RawDatabase(directory.database).execute("DROP TRIGGER stop")
        #expect(try store.open().lastVersion == 1)
        #expect(try store.ids(.prefix([]), from: nil, limit: 99).elements == [first.id])
      }
    }
  }

  @Test("opening it again writes, so that it is not taken for mended while the disk is full")
  func probe() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        let raw = try RawDatabase(directory.database)
        // Grows with what others have written.
        let before = try raw.value("PRAGMA data_version")
        let facts = try store.open()
        #expect(try raw.value("PRAGMA data_version") != before)
        #expect(try store.open().lastVersion == facts.lastVersion)
      }
    }
  }

  @Test("a full disk fails changes and nothing else, and heals", .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    let observed = try SmallDisk.with(kibibytes: 2048) { path in
      let store = SQLiteStore(path: "\(path)/sessions.db", timeout: 50_000_000)
      _ = try store.open()
      defer { store.close() }
      let now = BootClock.system.wallClock()
      let first = Records.session("first", version: 1, at: now)
      _ = try store.apply(Records.saves([first]), sync: true)
      var observed: [String] = []
      var saved: [StoredRecord] = [first]
      for number in 2...2000 {
        let record = Records.session("s\(number)", version: UInt64(number), at: now, bytes: 8000)
        do {
          _ = try store.apply(Records.saves([record]), sync: number % 2 == 0)
          saved.append(record)
        } catch {
          observed.append(reason(error).isPassing && reason(error).isDecided ? "decided" : "undecided")
          observed.append(reason(error).text.contains("there is no space left") ? "full" : reason(error).text)
          break
        }
      }
      // What was there before is read, and nothing more is taken.
      observed.append(try store.records(saved.map(\.id)) == saved ? "read" : "lost")
      do { _ = try store.open() } catch { observed.append(reason(error).isPassing ? "away" : "unfit") }
      // Somebody makes room.
      _ = try systemCall("mount") { mount("none", path, "tmpfs", UInt(MS_REMOUNT), "size=16m,mode=700") }
      _ = try store.open()
      let more = (0..<100).map { Records.session("m\($0)", version: UInt64(5000 + $0), at: now, bytes: 8000) }
      _ = try store.apply(Records.saves(more), sync: true)
      observed.append(try store.records((saved + more).map(\.id)) == saved + more ? "whole" : "lost")
      return observed
    }
    #expect(observed.filter { $0 != "away" } == ["decided", "full", "read", "whole"])
  }

  @Test("a file system that turns read-only fails changes, and heals", .enabled(if: SmallDisk.isPossible))
  func readOnlyFileSystem() throws {
    let observed = try SmallDisk.with(kibibytes: 8192) { path in
      let now = BootClock.system.wallClock()
      let records = (1...50).map { Records.session("s\($0)", version: UInt64($0), at: now) }
      var store = SQLiteStore(path: "\(path)/sessions.db", timeout: 50_000_000)
      _ = try store.open()
      _ = try store.apply(Records.saves(records), sync: true)
      store.close()
      func remount(_ flags: Int) throws {
        _ = try systemCall("mount") { mount("none", path, "tmpfs", UInt(Int(MS_REMOUNT) | flags), "size=8m") }
      }
      try remount(Int(MS_RDONLY))
      var observed: [String] = []
      store = SQLiteStore(path: "\(path)/sessions.db", timeout: 50_000_000)
      do { _ = try store.open() } catch { observed.append(reason(error).isPassing ? "passing" : "unfit") }
      try remount(0)
      observed.append(try store.open().lastVersion == 50 ? "open" : "lost")
      observed.append(try store.records(records.map(\.id)) == records ? "whole" : "lost")
      store.close()
      return observed
    }
    #expect(observed == ["unfit", "open", "whole"])
  }

  @Test(
    "a directory or a file that may not be written to is refused at the start; later it may be better",
    .enabled(if: geteuid() == 0))
  func rights() throws {
    try DatabaseDirectory.with { directory in
      let nobody: uid_t = 65_534
      #expect(chown(directory.path, nobody, nobody) == 0)
      let (path, clock) = (directory.path, directory.clock)
      let observed = try SmallDisk.onThread {
        linux_set_file_user(nobody)
        var observed: [String] = []
        let store = SQLiteStore(path: "\(path)/sessions.db", timeout: 50_000_000, clock: clock)
        func open(_ what: String) {
          do {
            _ = try store.open()
            observed.append("\(what): open")
          } catch {
            observed.append("\(what): \(reason(error).isPassing ? "unavailable" : "unfit")")
          }
        }
        chmod(path, 0o500)
        open("directory")
        chmod(path, 0o700)
        open("first")
        chmod("\(path)/sessions.db", 0o400)
        open("file, with connections")
        store.close()
        let next = SQLiteStore(path: "\(path)/sessions.db", timeout: 50_000_000, clock: clock)
        do { _ = try next.open() } catch {
          observed.append("file: \(reason(error).text.contains("Permission denied"))")
        }
        chmod("\(path)/sessions.db", 0o600)
        _ = try next.open()
        next.close()
        return observed
      }
      #expect(observed == ["directory: unfit", "first: open", "file, with connections: open", "file: true"])
    }
  }

  @Test("damage that is found while it runs is set aside by the next opening")
  func damageAtWork() throws {
    try DatabaseDirectory.with { directory in
      let records = (0..<300).map {
        Records.session("s\($0)", version: UInt64($0 + 1), at: directory.time.now, tags: ["t"], bytes: 3000)
      }
      try directory.withStore { _ = try $0.apply(Records.saves(records), sync: true) }
      try directory.withStore { store in
        let id = try store.open().id
        // Everything but the first page, in the file and behind the back of all connections.
        let count = directory.size("sessions.db") - 4096
        let file = try Descriptor.open(directory.database, O_WRONLY)
        let garbage = [UInt8](repeating: 0xA5, count: count)
        #expect(pwrite(file.number, garbage, count, 4096) == count)
        let error = #expect(throws: StoreError.self) { try store.records(records.map(\.id)) }
        #expect(reason(error).isPassing)
        #expect(reason(error).text.contains("damaged"))
        #expect(throws: StoreError.self) { try store.apply(Records.saves(records), sync: true) }
        let facts = try store.open()
        #expect(facts.id != id)
        #expect(facts.remark != nil)
        _ = try store.apply(Records.saves(records), sync: true)
        #expect(try store.records(records.map(\.id)) == records)
      }
    }
  }

  @Test("a log that has grown is moved into the file while the store is in use")
  func movedLog() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        var version: UInt64 = 0
        /// Writes some 20 MB.
        func write() throws {
          for _ in 0..<20 {
            let records = (0..<100).map { index in
              version += 1
              return Records.session("s\(index)", version: version, at: directory.time.now, bytes: 9000)
            }
            _ = try store.apply(Records.saves(records), sync: false)
          }
        }
        for _ in 0..<3 {
          try write()
          try eventually("the log is in the file") { try Self.pagesToMove(directory) <= 4000 }
        }
        #expect(directory.size("sessions.db") > 100 * 9000)
      }
    }
  }

  /// Pages of the log that are not in the file.
  private static func pagesToMove(_ directory: DatabaseDirectory) throws -> UInt32 {
    // The index of the log counts its pages, and those that were moved (SQLite, "WAL-mode File Format": mxFrame,
    // nBackfill), in the machine's byte order.
    let index = try directory.bytes("sessions.db-shm")
    return index.withUnsafeBytes { bytes in
      bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
        - bytes.loadUnaligned(fromByteOffset: 96, as: UInt32.self)
    }
  }

  @Test("the log stays bounded however much is written, and a reader and the writer do not wait for it")
  func boundedLog() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        var longest = 0
        let template = (0..<100).map {
          Records.session("s\($0)", version: 1, at: directory.time.now, bytes: 9000)
        }
        for round in 0..<150 as Range<UInt64> {
          let batch = template.enumerated().map { index, record in
            var record = record
            record.version = round * 100 + UInt64(index) + 1
            return record
          }
          _ = try store.apply(Records.saves(batch), sync: false)
          longest = max(longest, directory.size("sessions.db-wal"))
        }
        // All that was written is 150 MB.
        #expect(longest < 140 << 20)
        #expect(try store.recent(from: nil, limit: 1000).elements.count == 100)
      }
      #expect(directory.names == ["sessions.db", "sessions.db-lock"])
    }
  }
}

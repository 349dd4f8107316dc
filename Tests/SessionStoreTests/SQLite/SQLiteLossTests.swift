import Glibc
import SessionStore
import StoreSupport
import SystemCalls
import Testing

@Suite("Database files that are deleted, moved away or replaced while they are open")
struct SQLiteLossTests {
  enum Loss: String, CaseIterable {
    case deleted, allDeleted, moved, allMoved, replacedByOwn, replacedByBackup, replacedByForeign, logDeleted,
      indexDeleted,
      lockDeleted

    func happen(to directory: DatabaseDirectory) throws {
      let path = directory.database
      func moveAway(_ suffixes: String...) {
        for suffix in suffixes { #expect(rename(path + suffix, path + ".away" + suffix) == 0) }
      }
      switch self {
      case .deleted: unlink(path)
      case .allDeleted: for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
      case .moved: moveAway("")
      case .allMoved: moveAway("", "-wal", "-shm")
      case .replacedByOwn:
        // A copy of it, as one that is restored: by its number it is the same store.
        let copy = try directory.copied()
        moveAway("", "-wal", "-shm")
        for suffix in ["", "-wal"] { #expect(rename(copy.database + suffix, path + suffix) == 0) }
        unlink(copy.database + "-lock")
      case .replacedByBackup:
        // Whole in itself, as `sqlite3 .backup` makes it; what lies beside it is no part of it.
        try RawDatabase(path).execute("VACUUM INTO '\(path).backup'")
        #expect(rename(path + ".backup", path) == 0)
      case .replacedByForeign:
        try RawDatabase(path + ".other").execute("CREATE TABLE cookies (a)")
        #expect(rename(path + ".other", path) == 0)
      case .logDeleted: unlink(path + "-wal")
      case .indexDeleted: unlink(path + "-shm")
      case .lockDeleted: unlink(path + "-lock")
      }
    }

    /// Whether what was there before can be had still.
    var keepsRecords: Bool {
      self == .replacedByOwn || self == .replacedByBackup || self == .logDeleted || self == .indexDeleted
        || self == .lockDeleted
    }
  }

  private func record(_ id: String, _ version: UInt64, _ directory: DatabaseDirectory) -> StoredRecord {
    Records.session(id, version: version, at: directory.time.now)
  }

  @Test(
    "the next change is refused, and so is a check; then there is another store, which has what it is given",
    arguments: Loss.allCases, [true, false])
  func noticed(loss: Loss, byChange: Bool) throws {
    try DatabaseDirectory.with { directory in
      let store = directory.store()
      defer { store.close() }
      let facts = try store.open()
      let (old, new) = (record("old", 1, directory), record("new", 2, directory))
      _ = try store.apply(Records.saves([old]), sync: true)
      try loss.happen(to: directory)
      let error = #expect(throws: StoreError.self) {
        if byChange { _ = try store.apply(Records.saves([new]), sync: true) } else { try store.check() }
      }
      #expect(reason(error).isPassing && reason(error).isDecided)
      #expect(reason(error).text.contains("deleted, moved away or replaced"), "\(reason(error).text)")
      #expect(throws: StoreError.self) { try store.records([old.id]) }
      if loss == .replacedByForeign {
        let foreign = try directory.bytes("sessions.db")
        let error = #expect(throws: StoreError.self) { try store.open() }
        #expect(reason(error).isPassing)
        #expect(try directory.bytes("sessions.db") == foreign)
        unlink(directory.database)
      }
      let again = try store.open()
      #expect(again.id != facts.id)
      #expect(again.remark != nil)
      #expect(try store.records([old.id, new.id]) == [loss.keepsRecords ? old : nil, nil])
      _ = try store.apply(Records.saves([old, new]), sync: true)
      #expect(try store.open().remark == nil)
      // What a kill leaves.
      try directory.copied().withStore { store in
        let found = try store.records([old.id, new.id])
        #expect(found == [old, new])
      }
    }
  }

  @Test("what was moved away stays whole, with its log")
  func movedAway() throws {
    try DatabaseDirectory.with { directory in
      let old = record("old", 1, directory)
      try directory.withStore { store in
        _ = try store.apply(Records.saves([old]), sync: true)
        try Loss.allMoved.happen(to: directory)
        #expect(throws: StoreError.self) { try store.check() }
        _ = try store.open()
      }
      var away = directory
      away.name = "sessions.db.away"
      let found = try away.withStore { try $0.records([old.id]) }
      #expect(found == [old])
    }
  }

  @Test("a log that is left without its database is not deleted")
  func logLeft() throws {
    try DatabaseDirectory.with { directory in
      try directory.withStore { store in
        _ = try store.apply(Records.saves([record("old", 1, directory)]), sync: true)
        let log = try directory.bytes("sessions.db-wal")
        try Loss.moved.happen(to: directory)
        #expect(throws: StoreError.self) { try store.check() }
        _ = try store.open()
        let aside = "sessions.db.left-\(directory.time.now / 1_000_000_000)-wal"
        #expect(try directory.bytes(aside) == log)
      }
    }
  }

  @Test("what is deleted while a change is under way has not got it")
  func amidChange() throws {
    // The loop ends with the first change that meets it: looks come before and after each.
    try DatabaseDirectory.with { directory in
      let store = directory.store()
      defer { store.close() }
      _ = try store.open()
      let path = directory.database
      let thread = Guarded(false)
      let remover = try ServiceThread(name: "remover") {
        usleep(3000)
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        thread.withLock { $0 = true }
      }
      var acknowledged: [StoredRecord] = []
      for version in 1...100_000 as ClosedRange<UInt64> {
        let isGone = thread.withLock { $0 }
        do throws(StoreError) {
          let record = record("s\(version)", version, directory)
          _ = try store.apply(Records.saves([record]), sync: false)
          #expect(!isGone, "acknowledged after it was deleted")
          acknowledged.append(record)
        } catch {
          break
        }
      }
      remover.join()
      #expect(throws: StoreError.self) { try store.check() }
      _ = try store.open()
      _ = try store.apply(Records.saves(acknowledged), sync: true)
    }
  }
}

import CSQLite
import Synchronization
public import SystemCalls

/// Sessions in a database file of SQLite, for the daemon of one machine (sqlite.org/wal.html).
///
/// One connection writes and another one reads, each under a lock of its own, so that a load does not wait for a
/// batch. A third one moves the log into the file, on a thread of its own. After an I/O error, or when the file turns
/// out to be damaged, all calls fail until `open` has made new connections; while it is locked or the disk is full,
/// calls fail by themselves.
public final class SQLiteStore: Store {
  /// The database's file.
  public let path: String
  private let timeout: Int64
  private let clock: BootClock

  /// Everything but what reads. Its lock is taken before `reading`'s.
  private struct Writing {
    var files: SQLiteFiles?
    var writer: SQLiteWriter?
    var checkpointer: SQLiteCheckpointer?
    /// How many pages the log may have before the writer moves them itself.
    var logPagesMost = SQLiteStore.logPagesMost
    /// Whether it was ever open: what is wrong from then on may pass.
    var wasOpen = false
    var isClosed = false
  }

  private struct Reading {
    var reader: SQLiteReader?
    var ahead = SQLiteReadAhead(nil)
  }

  private let writing = Guarded(Writing())
  private let reading = Guarded(Reading())
  private let condition = Guarded(SQLiteCondition())
  /// Rows that were met and were not what had been written. Under no lock: who asks must not wait for a call.
  private let damaged = Atomic<Int>(0)

  /// So many pages in the log have it moved into the file.
  private static let logPagesWanted = 4000
  /// So many have the writer do it, before the next change: it has been so busy that the log could never begin anew.
  /// 128 MiB.
  private static let logPagesMost = 32_768

  /// - Parameters:
  ///   - path: of the file, whose directory is there. Beside it come NAME-wal, NAME-shm and NAME-lock, all for their
  ///     owner only.
  ///   - timeout: how long a call waits for somebody else's lock on the file, in nanoseconds.
  public init(path: String, timeout: Int64 = 2_000_000_000, clock: BootClock = .system) {
    self.path = path
    self.timeout = timeout
    self.clock = clock
  }

  public var isShared: Bool { false }

  /// Opens the file, makes it where there is none, and checks all of it if it was not closed. A file that is damaged
  /// gets another name, and a new one is begun.
  ///
  /// - Throws: `unfit` for a file of a later version or of another program, which stays as it is, and for a path that
  ///   leads nowhere; `unavailable` if another daemon has it. Once it was open all is `unavailable`.
  public func open() throws(StoreError) -> StoreFacts {
    try writing.withLock { writing throws(StoreError) in
      guard !writing.isClosed else { throw .unfit("\(path): it was closed") }
      _ = condition.withLock { $0.look() }
      guard condition.withLock({ $0.trouble }) == nil, let writer = writing.writer else {
        return try openAnew(&writing)
      }
      do throws(SQLiteFailure) {
        // Whether there is space again, and nobody's lock.
        try writer.probe()
        return writer.facts(remark: nil)
      } catch {
        throw fail(error)
      }
    }
  }

  private func openAnew(_ writing: inout Writing) throws(StoreError) -> StoreFacts {
    let loss = condition.withLock { $0.loss }
    letGo(&writing, movesLog: !loss.isGone)
    let condition = condition.withLock { $0 }
    // What lies beside the path is perhaps another directory's.
    if loss != .present { writing.files = nil }
    do throws(StoreError) {
      let files = if let files = writing.files { files } else { try SQLiteFiles(path: path) }
      writing.files = files
      let opening = SQLiteOpening(
        path: path, timeout: timeout, clock: clock, condition: condition, storeID: try randomID())
      let result = try opening.perform(on: files)
      writing.writer = result.writer
      writing.checkpointer = try checkpointer()
      let reading = Reading(reader: result.reader, ahead: SQLiteReadAhead(files.file))
      self.reading.withLock { $0 = reading }
      self.condition.withLock { $0.begin(SQLitePresence(path: path, file: files.file)) }
      writing.checkpointer?.begin()
      writing.wasOpen = true
      return result.writer.facts(remark: result.remark)
    } catch {
      letGo(&writing)
      if writing.wasOpen, case .unfit(let reason) = error { throw .unavailable(reason, isDecided: true) }
      if !writing.wasOpen { writing.files = nil }
      throw error
    }
  }

  private func randomID() throws(StoreError) -> UInt64 {
    do throws(SystemCallError) {
      return max(1, try randomWord())
    } catch {
      throw .unavailable("\(path): \(error)", isDecided: true)
    }
  }

  private func checkpointer() throws(StoreError) -> SQLiteCheckpointer {
    do {
      let connection = try SQLiteConnection(path, .work, busyTimeout: timeout)
      // Until a connection has read, it does not know that there is a log, and moves nothing.
      _ = try connection.integer("PRAGMA schema_version")
      return try SQLiteCheckpointer(connection)
    } catch {
      throw .unavailable("\(path): \(error)", isDecided: true)
    }
  }

  /// Closes all connections, the writer's last: it moves the log into the file, unless that is gone. Then both may be
  /// somewhere else and whole, and what has their names another database's.
  private func letGo(_ writing: inout Writing, movesLog: Bool = true) {
    if !movesLog { writing.writer?.connection.setMovesLog(false) }
    writing.checkpointer?.stop()
    writing.checkpointer = nil
    reading.withLock { reading in
      if let damaged = reading.reader?.damaged { condition.withLock { $0.damaged = damaged } }
      // `files` keeps the file until the writer has closed it.
      reading = Reading()
    }
    writing.writer = nil
    writing.files?.file = nil
  }

  public func load(_ ids: [[UInt8]]) throws(StoreError) -> [StoreFinding] {
    guard !ids.isEmpty else { return [] }
    return try read { reader throws(SQLiteFailure) in try reader.load(ids, at: clock.wallClock()) }
  }

  public func recent(from cursor: StoreCursor?, limit: Int) throws(StoreError) -> StorePage<StoredRecord> {
    reading.withLock { $0.ahead.announce(isBeginning: cursor == nil) }
    return try read { reader throws(SQLiteFailure) in
      try reader.recent(from: cursor, limit: limit, at: clock.wallClock())
    }
  }

  public func ids(
    _ selection: StoreSelection, from cursor: StoreCursor?, limit: Int
  ) throws(StoreError) -> StorePage<[UInt8]> {
    try read { reader throws(SQLiteFailure) in
      let now = clock.wallClock()
      switch selection {
      case .prefix(let prefix): return try reader.ids(withPrefix: prefix, from: cursor, limit: limit, at: now)
      case .tag(let tag): return try reader.ids(taggedWith: tag, from: cursor, limit: limit, at: now)
      }
    }
  }

  public func check() throws(StoreError) {
    _ = condition.withLock { $0.look() }
    try read { reader throws(SQLiteFailure) in try reader.check() }
  }

  public func apply(_ changes: [StoreChange], sync: Bool) throws(StoreError) -> [StoreOutcome] {
    try write { writer, commitFailed throws(SQLiteFailure) in
      try writer.apply(changes, sync: sync, commitFailed: &commitFailed)
    }
  }

  public func deleteExpired(endedFor age: Int64, limit: Int) throws(StoreError) -> Int {
    try write { writer, _ throws(SQLiteFailure) in
      try writer.deleteEnded(by: clock.wallClock() - age, limit: limit)
    }
  }

  public var statistics: StoreStatistics {
    var statistics = StoreStatistics()
    statistics.damaged = damaged.load(ordering: .relaxed)
    return statistics
  }

  /// Moves the log into the file and says in it that it was closed. If that fails, the next start checks all of it.
  public func close() {
    writing.withLock { writing in
      writing.isClosed = true
      let (isGood, loss) = condition.withLock { condition in
        defer { condition.end() }
        return (condition.look() == .present && condition.trouble == nil, condition.loss)
      }
      if isGood { try? writing.writer?.markClosed() }
      letGo(&writing, movesLog: !loss.isGone)
      writing.files = nil
    }
  }

  private func read<Result>(
    _ body: (SQLiteReader) throws(SQLiteFailure) -> Result
  ) throws(StoreError) -> Result {
    try reading.withLock { reading throws(StoreError) in
      try refuseInTrouble()
      guard let reader = reading.reader else {
        throw .unavailable("\(path): it is not open", isDecided: true)
      }
      defer { damaged.store(reader.damaged.count, ordering: .relaxed) }
      do throws(SQLiteFailure) {
        return try body(reader)
      } catch {
        throw fail(error)
      }
    }
  }

  private func write<Result>(
    _ body: (SQLiteWriter, inout Bool) throws(SQLiteFailure) -> Result
  ) throws(StoreError) -> Result {
    try writing.withLock { writing throws(StoreError) in
      _ = condition.withLock { $0.look() }
      try refuseInTrouble()
      guard let writer = writing.writer else {
        throw .unavailable("\(path): it is not open", isDecided: true)
      }
      var commitFailed = false
      let outcome: Result
      do throws(SQLiteFailure) {
        try shortenLog(&writing, writer.connection)
        let result = try body(writer, &commitFailed)
        if writer.connection.logPages.count > Self.logPagesWanted { writing.checkpointer?.begin() }
        outcome = result
      } catch {
        // A failed sync says nothing of what the disk has; a full disk has no whole commit.
        throw fail(error, isDecided: !commitFailed || error.isPassing)
      }
      // What is in a file that nobody can find was not made.
      switch condition.withLock({ $0.look() }) {
      case .present: return outcome
      case .incomplete: try refuseInTrouble(isDecided: false)
      case .gone: try refuseInTrouble()
      }
      return outcome
    }
  }

  /// Lets a log that is too long begin anew, if nobody outside reads for too long: then it may grow by as much again.
  private func shortenLog(
    _ writing: inout Writing, _ connection: SQLiteConnection
  ) throws(SQLiteFailure) {
    guard connection.logPages.count > writing.logPagesMost else { return }
    do throws(SQLiteFailure) {
      try connection.checkpoint(SQLITE_CHECKPOINT_RESTART)
      writing.logPagesMost = Self.logPagesMost
    } catch {
      guard error.kind == SQLITE_BUSY else { throw error }
      writing.logPagesMost = connection.logPages.count + Self.logPagesMost
    }
  }

  private func refuseInTrouble(isDecided: Bool = true) throws(StoreError) {
    if let trouble = condition.withLock({ $0.trouble }) {
      throw .unavailable("\(path): \(trouble)", isDecided: isDecided)
    }
  }

  private func fail(_ failure: SQLiteFailure, isDecided: Bool = true) -> StoreError {
    condition.withLock { $0.note(failure) }
    return .unavailable("\(path): \(failure)", isDecided: isDecided)
  }
}

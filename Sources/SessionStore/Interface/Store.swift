/// What sessions are kept in behind the cache, so that they outlive memory.
///
/// Its calls block until the store has answered, a few seconds at most (the timeout that the store was made with),
/// and are made by threads that have nothing else to do: `load`, `recent`, `ids` by one thread, `apply` and
/// `deleteExpired` by another one, at the same time; `check` and `open` by either. None but `open` connects anew: when
/// a call throws `StoreError.unavailable` the owner calls `open` again, after a while.
public protocol Store: AnyObject, Sendable {
  /// Whether other daemons change the same store: then it holds the truth, every change is compared with what it
  /// has, and sessions end there by themselves.
  var isShared: Bool { get }

  /// Opens or connects, or does so again. Makes what is missing, brings an older schema up to date.
  ///
  /// - Throws: `unfit` if another try would fail in the same way.
  func open() throws(StoreError) -> StoreFacts

  /// What the store has under some ids, in their order. At least of the first one; the answer ends behind
  /// `StoreLimits.answerBytes` of records, and the rest is asked for again. What is damaged is counted in `statistics`,
  /// each id once; no other call answers with it, but for a use (`StoreOutcome.damaged`), which is not counted.
  func load(_ ids: [[UInt8]]) throws(StoreError) -> [StoreFinding]

  /// Makes changes and returns once they are safe. A store that is not shared makes all or none. One that is shared
  /// compares each and makes it or not, in the order given.
  ///
  /// - Parameter sync: whether they must survive a power cut when this returns; if not, a kill of the daemon only.
  /// - Returns: what became of each.
  /// - Throws: if nothing was made, such as where all were refused, or if nobody knows what was. What was refused beside
  ///   others that were not is no reason.
  func apply(_ changes: [StoreChange], sync: Bool) throws(StoreError) -> [StoreOutcome]

  /// Sessions, marks and aliases that live, those that were used last first, for the start of an empty cache. Which was
  /// the last need not be told of uses within five minutes. A page ends behind `StoreLimits.answerBytes` of records.
  ///
  /// - Parameter cursor: nil to begin; then what the page before answered with.
  func recent(from cursor: StoreCursor?, limit: Int) throws(StoreError) -> StorePage<StoredRecord>

  /// Ids of sessions (not of marks or aliases) that live, each once: those that begin with a prefix, or those that
  /// have a tag.
  func ids(_ selection: StoreSelection, from cursor: StoreCursor?, limit: Int) throws(StoreError)
    -> StorePage<[UInt8]>

  /// Deletes records whose time has been over for so many nanoseconds, at most so many; how many it did. 0 where they go
  /// by themselves.
  func deleteExpired(endedFor age: Int64, limit: Int) throws(StoreError) -> Int

  /// Whether the store answers.
  func check() throws(StoreError)

  /// Counts since the start. Waits for no call: reactors ask for it.
  var statistics: StoreStatistics { get }

  /// Lets go of everything; the store is not used again.
  func close()
}

/// Which sessions are asked for.
public enum StoreSelection: Sendable, Equatable {
  case prefix([UInt8])
  case tag([UInt8])
}

/// Where a listing goes on; its bytes mean something to the store that made it only. UTF-8 without control
/// characters, at most 255 bytes.
public struct StoreCursor: Sendable, Equatable {
  public let bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// A part of a listing.
public struct StorePage<Element: Sendable>: Sendable {
  public var elements: [Element]
  /// nil: that was all.
  public var next: StoreCursor?

  public init(_ elements: [Element], next: StoreCursor?) {
    self.elements = elements
    self.next = next
  }
}

/// What a store says of itself when it is opened.
public struct StoreFacts: Sendable, Equatable {
  /// A random number that tells this store from every other, made with it; never zero.
  public var id: UInt64
  /// No record in it, now or ever before, had a later version.
  public var lastVersion: UInt64
  /// Versions up to this one may have been given by a daemon that lost them before they were saved. Not the same after
  /// the next opening.
  public var reservedVersion: UInt64
  /// Something the log should say of the opening, such as that a damaged file was set aside.
  public var remark: String?

  /// - Parameter reservedVersion: nil: the last version.
  public init(id: UInt64, lastVersion: UInt64, reservedVersion: UInt64? = nil, remark: String? = nil) {
    self.id = id
    self.lastVersion = lastVersion
    self.reservedVersion = reservedVersion ?? lastVersion
    self.remark = remark
  }
}

/// Counts since the start.
public struct StoreStatistics: Sendable, Equatable {
  /// Records that could not be read, being damaged, each once.
  public var damaged = 0
  /// Waits for the answer of a server; 0 where there is none.
  public var roundTrips = 0
  /// Ids of which a server has told that somebody else changed them.
  public var invalidations = 0
  public init() {}
}

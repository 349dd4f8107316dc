/// One change of a store.
public enum StoreChange: Sendable, Equatable {
  /// The record is to be as given.
  ///
  /// `replacing`: the version of what is there now, 0 for nothing; nil: whatever is there. A store that is not shared
  /// need not look. One that is shared makes a greater version of its own unless there is no new one (the same version
  /// as before: only the times have changed).
  ///
  /// `ttl`: the idle time of what it replaces, nil: whatever it is. An EXPIRE changes that and no version: a store that is
  /// shared makes no change that rests on another one.
  case save(StoredRecord, replacing: UInt64?, ttl: Int64? = nil)
  /// Nothing is to be under the id. `replacing` as above.
  case remove([UInt8], replacing: UInt64?)
  /// Was used: if the version is still this one, it ends then and not earlier. `ttl` as above.
  case extend([UInt8], version: UInt64, ttl: Int64? = nil, deadline: Int64)

  /// A session gets another id: `session` is to be under the new one, `ending` (a mark or an alias) under the old one,
  /// which has version `replacing` now, and `ttl` as above. Both or none; not if something lives under the new id.
  case rename(ending: StoredRecord, session: StoredRecord, replacing: UInt64, ttl: Int64? = nil)

  /// Of a rename: the old one.
  public var id: [UInt8] {
    switch self {
    case .save(let record, _, _): record.id
    case .rename(let ending, _, _, _): ending.id
    case .remove(let id, _), .extend(let id, _, _, _): id
    }
  }
}

/// What became of a change.
public enum StoreOutcome: Sendable, Equatable {
  /// Made; the record (of a rename, the session) has this version, 0 where it was removed.
  case done(version: UInt64)
  /// Not made: somebody else has changed what it was to replace.
  case conflict
  /// Not made: a shared store that is there refused it, such as for want of memory, and may take it later. Why, for an
  /// operator's eyes.
  case refused(String)
  /// A use that was not noted: what a store that is not shared has under the id is not what was written. It can be read
  /// again once the record is saved whole.
  case damaged

  public var isDone: Bool { if case .done = self { true } else { false } }

  /// Why it was refused; nil: it was not.
  public var refusal: String? { if case .refused(let reason) = self { reason } else { nil } }
}

/// What a store has under an id.
public enum StoreFinding: Sendable, Equatable {
  case record(StoredRecord)
  /// Nothing, or its time is over.
  case nothing
  /// Something that is not what was written: nobody knows what it was, so it must not be taken for nothing. It stays
  /// until it is removed or replaced.
  case damaged

  /// nil also for what is damaged.
  public var record: StoredRecord? { if case .record(let record) = self { record } else { nil } }
}

/// Why the cache refuses a change. Nothing was changed.
public enum CacheError: Error, Equatable, Sendable {
  /// The condition named another version than the session's; 0: there is no such session.
  case conflict(current: UInt64)
  /// The id was revoked, or the session has another one since long.
  case revoked
  /// The session has another id; under this one it may be read, for a while.
  case renamed
  /// No memory is left for it.
  case full
  /// The record would have more bytes than a session may have.
  case tooLarge(bytes: Int)
  /// The session would have more keys than it may have.
  case tooManyKeys(Int)
  /// The session would have more tags than it may have.
  case tooManyTags(Int)
  /// The value is no whole number of 64 bits.
  case notANumber
  /// The sum is no whole number of 64 bits.
  case overflow
  /// What the store has is no record.
  case damaged
  /// Nothing is known of this id in memory: the store has to be asked for it (`install`).
  case notResident([UInt8])
}

/// Why a change stops half-way through, with nothing changed yet.
enum Interruption: Error {
  /// The allocator wants pages, which it may only get while no lock is held; then try again.
  case needsPages(BlockAllocator.Demand)
  case failed(CacheError)
}

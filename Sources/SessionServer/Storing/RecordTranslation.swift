import SessionCache
import SessionSegment
import SessionStore

/// Records on their way between memory, whose times count from the machine's start, and the store, whose times
/// count from 1970.
///
/// The wall clock may be set while a record is in the store: then its end moves along with it, as the end of
/// anything that outlives the machine's start has to.
extension StoredRecord {
  /// nil for what a store does not keep: that there is nothing.
  ///
  /// - Parameter lifetime: the bound from a session's creation, in nanoseconds, 0 for none: the store knows of one end
  ///   only, and neither lists nor keeps what is past it.
  init?(_ image: RecordImage, _ clock: WallClock, lifetime: Int64) {
    guard let kind = Kind(rawValue: image.kind.rawValue) else { return nil }
    let isBounded = lifetime > 0 && kind == .session
    let deadline = isBounded ? min(image.deadline, image.created &+ lifetime) : image.deadline
    self.init(
      id: image.id, kind: kind, version: image.version, created: clock.exactTime(of: image.created),
      ttl: image.ttl,
      deadline: clock.exactTime(of: deadline), tagCount: UInt16(clamping: image.tagCount),
      tagBytes: UInt16(clamping: image.tagBytes), fieldCount: UInt16(clamping: image.fieldCount),
      body: image.body)
  }
}

extension RecordImage {
  /// nil for one that can't be a record: it was damaged in the store.
  init?(sound record: StoredRecord, _ clock: WallClock) {
    self.init(record, clock)
    guard isSound else { return nil }
  }

  init(_ record: StoredRecord, _ clock: WallClock) {
    let kind: RecordKind =
      switch record.kind {
      case .session: .session
      case .mark: .mark
      case .alias: .alias
      }
    self.init(
      id: record.id, kind: kind, version: record.version, created: clock.moment(of: record.created),
      ttl: record.ttl,
      deadline: clock.moment(of: record.deadline), tagCount: Int(record.tagCount),
      tagBytes: Int(record.tagBytes),
      fieldCount: Int(record.fieldCount), body: record.body)
  }
}

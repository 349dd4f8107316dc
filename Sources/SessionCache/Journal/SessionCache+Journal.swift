import SessionSegment
import SystemCalls

extension SessionCache {
  /// Lets a listener watch what happens to sessions from now on; `events.leave` ends it. A change that the
  /// listener is not told of is seen by everybody who reads behind this call.
  ///
  /// - Parameter wallClock: nanoseconds since 1970.
  public func watchEvents(_ listener: EventListener, wallClock: Int64) -> EventLog.Extent {
    let (extent, wasOff) = events.join(listener, wallClock: wallClock)
    // Who has changed a session and did not know yet that somebody watches holds its shard's lock still.
    if wasOff { for shard in shards { shard.lock.withReadLock {} } }
    return extent
  }

  /// How a session has ended that ended lately, also if it was not reclaimed yet.
  ///
  /// - Returns: nil if it lives, or its end is not remembered.
  public func end(of id: Span<UInt8>, at now: Int64) -> EndLog.End? {
    let noted: (isOver: Bool, end: EndLog.End?) = id.withUnsafeBytes { id in
      let hash = hash(id)
      let shard = shard(hash)
      return shard.lock.withReadLock {
        guard let place = shard.find(hash.tag, id) else { return (true, nil) }
        let record = shard.record(at: place.offset)
        guard record.isSession else { return (true, nil) }
        guard record.isExpired(at: now, lifetime: header.lifetimeNanoseconds) else { return (false, nil) }
        return (true, end(of: record))
      }
    }
    guard noted.isOver else { return nil }
    return noted.end ?? ends.find(id)
  }
}

/// Makes of what a server sends to the channel what others have done. Pure.
///
/// The server tells of each key that was changed (CLIENT TRACKING, BCAST), by whomever, when it has gone through the
/// commands that have come by then. That a script is run by the daemon itself it can't know (NOLOOP takes no notice of
/// scripts), so each script also says at once by whom the change is (PUBLISH, to the same connection). A key of which
/// only changes of our own were announced since it was named last is none that others have changed. What something
/// else than sessiond does to a key in just the same turn of the server's loop escapes this.
struct InvalidationReader {
  enum Event: Equatable {
    /// Others have changed these; may be none.
    case changed([[UInt8]])
    /// All was changed.
    case flushed
    case pong
    /// Of no concern.
    case other
  }

  static let invalidations = Array("__redis__:invalidate".utf8)
  /// More are not announced in one turn of the server's loop; and what is forgotten only counts as others' change.
  private static let announcedMost = 100_000

  /// What the keys of records begin with, before the id.
  private let keyPrefix: [UInt8]
  private let changes: [UInt8]
  private let origin: [UInt8]
  /// Ids whose changes were announced, and whether all were our own.
  private var areOwn: [[UInt8]: Bool] = [:]

  init(keyPrefix: [UInt8], changes: [UInt8], origin: [UInt8]) {
    self.keyPrefix = keyPrefix
    self.changes = changes
    self.origin = origin
  }

  /// nil for what no server sends here.
  mutating func event(of reply: RedisReply) -> Event? {
    // Who says that he is busy is there.
    if case .error(let text) = reply { return RedisRefusal(text).leavesConnection ? .pong : nil }
    guard let parts = reply.elements, let word = parts.first?.bytes else { return nil }
    if word == Array("pong".utf8) { return .pong }
    guard word == Array("message".utf8) else { return word == Array("subscribe".utf8) ? .other : nil }
    guard parts.count == 3, let channel = parts[1].bytes else { return nil }
    if channel == changes {
      guard let message = parts[2].bytes else { return nil }
      return note(message)
    }
    guard channel == Self.invalidations else { return nil }
    switch parts[2] {
    case .null:
      areOwn.removeAll()
      return .flushed
    case .array(let keys): return changed(keys)
    default: return nil
    }
  }

  /// An announcement: who, and the id.
  private mutating func note(_ message: [UInt8]) -> Event {
    guard message.count > origin.count else { return .other }
    if areOwn.count >= Self.announcedMost { areOwn.removeAll() }
    let id = [UInt8](message[origin.count...])
    areOwn[id] = message.starts(with: origin) && areOwn[id] != false
    return .other
  }

  private mutating func changed(_ keys: [RedisReply]) -> Event? {
    var ids: [[UInt8]] = []
    for key in keys {
      guard let key = key.bytes else { return nil }
      guard key.count > keyPrefix.count, key.starts(with: keyPrefix) else { continue }
      let id = [UInt8](key[keyPrefix.count...])
      if areOwn.removeValue(forKey: id) != true { ids.append(id) }
    }
    return .changed(ids)
  }
}

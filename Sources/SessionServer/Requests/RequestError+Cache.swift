import SessionCache
import SessionWire

extension RequestError {
  /// The cache's refusal in the protocol's words.
  init(_ error: CacheError, limits: SessionCache.Settings) {
    switch error {
    case .conflict(let current):
      self.init(.conflict, "current version \(current)")
    case .revoked:
      self.init(.revoked, "the session was revoked or renamed; nothing begins it anew for now")
    case .renamed:
      self.init(.revoked, "the session was renamed; under its old id it can only be read")
    case .tooManyTags(let tags):
      self.init(
        .tooLarge, "the session would have \(tags) tags; the most is \(SessionCache.tagsMost)")
    case .damaged:
      self.init(.unavailable, "what the store has of the session is damaged")
    case .notResident:
      self.init(.unavailable, "the store has to be asked for the session")
    case .full:
      self.init(.full, "no memory is left in the cache; nothing was changed")
    case .tooLarge(let bytes):
      self.init(.tooLarge, "the session would have \(bytes) bytes; the most is \(limits.sessionBytesMost)")
    case .tooManyKeys(let keys):
      self.init(.tooLarge, "the session would have \(keys) keys; the most is \(limits.keysMost)")
    case .notANumber:
      self.init(.type, "the value is no whole number of 64 bits")
    case .overflow:
      self.init(.type, "the sum is no whole number of 64 bits")
    }
  }
}

import SessionStore
import SystemCalls

/// Makes the store that the settings name; nothing is opened.
enum StoreFactory {
  /// - Parameter listener: hears what others do to a shared store. Kept by its owner.
  static func make(
    _ configuration: ServerConfiguration, listener: any StoreListener, clock: BootClock
  ) -> (any Store)? {
    switch configuration.store {
    case .none: return nil
    case .sqlite(let path): return SQLiteStore(path: path, timeout: configuration.storeTimeout, clock: clock)
    case .redis(let location):
      let path = configuration.storeCredentials
      return RedisStore(
        location,
        readCredentials: { () throws(StoreCredentials.Failure) in
          guard let path else { return nil }
          return try StoreCredentials(file: path)
        },
        timeout: configuration.storeTimeout, listener: listener, clock: clock)
    }
  }
}

/// Why a connection is of no more use. Whoever meets one lets go of the connection, so that no answer that comes late is
/// taken for that of a later command.
enum RedisFailure: Error, Equatable {
  /// Before anything was sent: the server has done nothing.
  case unsent(String)
  /// Afterwards: nobody knows what the server has done.
  case broken(String)

  var reason: String {
    switch self {
    case .unsent(let reason), .broken(let reason): reason
    }
  }

  func asStoreError(of location: RedisLocation) -> StoreError {
    switch self {
    case .unsent(let reason): .unavailable("\(location): \(reason)", isDecided: true)
    case .broken(let reason): .unavailable("\(location): \(reason)", isDecided: false)
    }
  }
}

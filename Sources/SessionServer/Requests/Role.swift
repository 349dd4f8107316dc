import SystemCalls

/// What a peer may do, by who it was when it connected. Its pid decides nothing: a pid can be another
/// process's by the time one looks.
enum Role: Sendable {
  /// Everything. Root and the user as whom the daemon runs.
  case admin
  /// All commands that name their session.
  case app

  init(_ peer: PeerCredentials, daemon uid: UInt32) {
    self = peer.uid == 0 || peer.uid == uid ? .admin : .app
  }

  var name: String {
    switch self {
    case .admin: "admin"
    case .app: "app"
    }
  }
}

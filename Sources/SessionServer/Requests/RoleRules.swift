import SessionWire
import SystemCalls

/// Who gets which role, by who it was when it connected. A pid decides nothing: it can be another process's
/// by the time one looks.
struct RoleRules: Sendable, Equatable {
  /// The user as whom the daemon runs.
  let daemonUID: UInt32
  var admins: PeerList
  var readers: PeerList

  /// Admin for root and the daemon's own user, whatever the lists say, and for the admins, also where they
  /// are among the readers; app for whom no list names.
  func role(of peer: PeerCredentials) -> Role {
    if peer.uid == 0 || peer.uid == daemonUID || admins.contains(peer) { return .admin }
    return readers.contains(peer) ? .reader : .app
  }
}

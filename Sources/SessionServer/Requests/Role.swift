import SessionWire
import SystemCalls

extension Role {
  /// What a peer may do, by who it was when it connected. Its pid decides nothing: a pid can be another
  /// process's by the time one looks.
  init(_ peer: PeerCredentials, daemon uid: UInt32) {
    self = peer.uid == 0 || peer.uid == uid ? .admin : .app
  }
}

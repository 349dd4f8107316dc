import SessionCache
import SessionWire
import SystemCalls

/// Who sends the requests of a connection: who it was that connected, and the role that follows from it.
struct Caller: Sendable {
  let peer: PeerCredentials
  let role: Role

  /// As the one who ends sessions.
  var origin: ChangeOrigin { ChangeOrigin(uid: peer.uid, pid: peer.pid) }

  init(_ peer: PeerCredentials, daemon uid: UInt32) {
    self.peer = peer
    role = Role(peer, daemon: uid)
  }
}

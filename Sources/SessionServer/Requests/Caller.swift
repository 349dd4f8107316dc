import SessionCache
import SessionWire
import SystemCalls

/// Who sends the requests of a connection: who it was that connected, and the role that it had then.
struct Caller: Sendable {
  let peer: PeerCredentials
  let role: Role

  /// As the one who ends sessions.
  var origin: ChangeOrigin { ChangeOrigin(uid: peer.uid, pid: peer.pid) }
}

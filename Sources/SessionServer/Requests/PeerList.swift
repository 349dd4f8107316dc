import SystemCalls

/// Peers that a setting names, by user and by group. All that counts is what the kernel tells of the
/// moment in which a peer connected.
enum PeerList: Sendable, Equatable {
  case everybody
  case nobody
  /// These users, and who is in one of these groups, be it the main one or a supplementary one.
  case these(users: Set<UInt32>, groups: Set<UInt32>)

  func contains(_ peer: PeerCredentials) -> Bool {
    switch self {
    case .everybody: true
    case .nobody: false
    case .these(let users, let groups):
      users.contains(peer.uid) || groups.contains(peer.gid) || peer.groups.contains(where: groups.contains)
    }
  }
}

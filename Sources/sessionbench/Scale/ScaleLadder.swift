/// Numbers of sessions, each a step of the scale, as far as there is room for a daemon each at the same time.
struct ScaleLadder {
  /// A daemon with its sessions.
  struct Rung: Equatable {
    let sessions: Int
    /// Its `max-memory`.
    let mebibytes: Int
  }

  static let steps = [1_000, 10_000, 100_000, 1_000_000, 5_000_000]
  /// More than a session of the scale takes with its share of the index, which grows by splitting pages.
  static let sessionRoomBytes = 320
  /// Besides: the room that a daemon keeps for changes, and an index that has hardly begun.
  static let daemonRoomMebibytes = 64

  /// From the smallest on.
  let rungs: [Rung]

  /// - Parameters:
  ///   - most: the largest number of sessions, one of `OptionRange.sessions`; a step of its own if it is none of the scale's.
  ///   - roomMebibytes: what all daemons together may take; the largest go where that is too little.
  init(most: Int, roomMebibytes: Int) {
    var rungs = (Self.steps.filter { $0 < most } + (most > 0 ? [most] : [])).map(Self.rung)
    while !rungs.isEmpty, rungs.reduce(0, { $0 + $1.mebibytes }) > roomMebibytes { rungs.removeLast() }
    self.rungs = rungs
  }

  static func rung(_ sessions: Int) -> Rung {
    let mebibyte = 1 << 20
    let bytes = sessions * sessionRoomBytes
    return Rung(sessions: sessions, mebibytes: (bytes + mebibyte - 1) / mebibyte + daemonRoomMebibytes)
  }
}

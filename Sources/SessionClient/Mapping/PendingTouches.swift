internal import SystemCalls

/// The sessions that were read out of the mapping and whose time to live the daemon has yet to slide.
///
/// A session is told at most once in a tenth of its time to live, whether the daemon answers or not. When
/// more are known than memory is set apart for, uses are forgotten: a session that is used again is told
/// then.
final class PendingTouches: Sendable {
  /// So many ids are remembered: some 10 MB of them.
  static let idsMost = 65_536
  /// TOUCH takes no more ids.
  static let batchIDsMost = 1024

  private enum Stage {
    case unsent, sent
  }

  private struct Entry {
    var stage: Stage
    /// When its use was noted, nanoseconds of CLOCK_BOOTTIME, and the time to live that it had then.
    var noted: Int64
    var timeToLive: Int64

    /// Whether a use is not to be told: by the shorter of the times to live then and now, since a session may
    /// have got another one, or its id another session.
    func covers(_ now: Int64, timeToLive: Int64) -> Bool {
      stage == .unsent || now &- noted < min(timeToLive, self.timeToLive) / 10
    }
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var unsent = Queue<String>()
    /// Looking for entries to drop takes a while, and comes to nothing when it was done a moment ago.
    var nextClearing: Int64 = .min
    /// A line that the daemon takes for too long is not sent again.
    var batchBytesMost = 16 * 1024
    /// The daemon lets this user slide nothing.
    var isMuted = false
  }

  private let state = Guarded(State())

  /// Takes note of a use.
  ///
  /// - Returns: whether it is the first that waits to be sent, so that somebody must be told.
  func note(_ id: String, timeToLive: Int64, at now: Int64) -> Bool {
    state.withLock { state in
      if state.isMuted { return false }
      if let entry = state.entries[id], entry.covers(now, timeToLive: timeToLive) { return false }
      if state.entries.count >= Self.idsMost {
        Self.clear(&state, at: now)
        guard state.entries.count < Self.idsMost else { return false }
      }
      state.entries[id] = Entry(stage: .unsent, noted: now, timeToLive: timeToLive)
      state.unsent.append(id)
      return state.unsent.count == 1
    }
  }

  /// Drops what may be told again.
  private static func clear(_ state: inout State, at now: Int64) {
    guard now >= state.nextClearing else { return }
    state.nextClearing = now &+ 1_000_000_000
    state.entries = state.entries.filter { $0.value.covers(now, timeToLive: .max) }
  }

  /// Forgets all uses, and those to come until `unmute`: the daemon wants to hear of none of this user's.
  func mute() {
    state.withLock { $0 = State(isMuted: true) }
  }

  /// On another connection the user may have another role.
  func unmute() {
    state.withLock { $0.isMuted = false }
  }

  var isEmpty: Bool { state.withLock { $0.unsent.isEmpty } }

  /// How many ids are remembered.
  var count: Int { state.withLock { $0.entries.count } }

  /// Takes ids for one TOUCH; none if none wait.
  func takeBatch() -> [String] {
    state.withLock { state in
      var batch: [String] = []
      var bytes = 0
      while batch.count < Self.batchIDsMost, let id = state.unsent.first {
        // A space, and at worst quotes and a backslash before each byte.
        bytes += 2 * id.utf8.count + 3
        if bytes > state.batchBytesMost, !batch.isEmpty { break }
        _ = state.unsent.popFirst()
        state.entries[id]?.stage = .sent
        batch.append(id)
      }
      return batch
    }
  }

  /// The daemon slid these, which the segment shows: with many others known they can be forgotten.
  func confirm(_ batch: [String]) {
    state.withLock { state in
      guard state.entries.count > Self.idsMost / 2 else { return }
      for id in batch where state.entries[id]?.stage == .sent { state.entries[id] = nil }
    }
  }

  /// These did not reach the daemon, or no answer came: TOUCH does no harm when it comes twice.
  func putBack(_ batch: [String], lineWasTooLong: Bool = false) {
    state.withLock { state in
      if lineWasTooLong { state.batchBytesMost = max(1, state.batchBytesMost / 4) }
      for id in batch where state.entries[id]?.stage == .sent {
        state.entries[id]?.stage = .unsent
        state.unsent.append(id)
      }
    }
  }
}

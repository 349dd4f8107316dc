import SystemCalls

/// A connection that a thread of the owner's uses, and in between the channel, to see whether it is still there.
final class RedisLane: Sendable {
  private struct State: ~Copyable {
    var connection: RedisConnection?
    /// Why there is none.
    var reason = "not opened yet"
  }

  private let state = Guarded(State())
  private let location: RedisLocation
  private let counts: Guarded<StoreStatistics>

  init(to location: RedisLocation, counts: Guarded<StoreStatistics>) {
    self.location = location
    self.counts = counts
  }

  func install(_ connection: consuming RedisConnection) {
    var box: RedisConnection? = consume connection
    state.withLock { $0.connection = box.take() }
  }

  /// Lets go of the connection, if there is one.
  func drop(_ reason: String) {
    state.withLock {
      guard $0.connection != nil else { return }
      $0.connection = nil
      $0.reason = reason
    }
  }

  /// The answers to some commands. After a failure the connection is gone.
  func exchange(_ commands: [RedisCommand]) throws(StoreError) -> [RedisReply] {
    counts.withLock { $0.roundTrips += 1 }
    do {
      return try state.withLock { (state) throws(RedisFailure) in
        guard state.connection != nil else { throw .unsent("not connected: \(state.reason)") }
        return try Self.exchange(commands, &state)
      }
    } catch { throw error.asStoreError(of: location) }
  }

  /// Asks whether the server is there, unless somebody uses the connection now, and so finds out himself.
  ///
  /// - Returns: why not, nil if it is.
  func probeUnlessBusy() -> String? {
    let outcome = state.withLockIfFree { state -> String? in
      guard state.connection != nil else { return state.reason }
      do throws(RedisFailure) {
        let replies = try Self.exchange([RedisCommand("PING")], &state)
        guard case .error(let text) = replies[0] else { return nil }
        let refusal = RedisRefusal(text)
        return refusal.leavesConnection ? nil : text
      } catch { return error.reason }
    }
    return outcome ?? nil
  }

  private static func exchange(
    _ commands: [RedisCommand], _ state: inout State
  ) throws(RedisFailure) -> [RedisReply] {
    do throws(RedisFailure) {
      guard let replies = try state.connection?.exchange(commands) else { throw .unsent(state.reason) }
      return replies
    } catch {
      state.connection = nil
      state.reason = error.reason
      throw error
    }
  }
}

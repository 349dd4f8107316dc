internal import SystemCalls

/// The iterations over events that a client has under way, to be ended with it.
final class EventWatches: Sendable {
  private struct State {
    var isClosed = false
    var running: [ObjectIdentifier: SocketEventSource] = [:]
  }

  private let state = Guarded(State())

  var isEmpty: Bool { state.withLock { $0.running.isEmpty } }

  /// False once the client is closed.
  func add(_ source: SocketEventSource) -> Bool {
    state.withLock { state in
      if state.isClosed { return false }
      state.running[ObjectIdentifier(source)] = source
      return true
    }
  }

  func remove(_ source: SocketEventSource) {
    state.withLock { $0.running[ObjectIdentifier(source)] = nil }
  }

  func close() {
    let running = state.withLock { state in
      state.isClosed = true
      defer { state.running = [:] }
      return state.running
    }
    for source in running.values { source.end(SessionError.closed) }
  }
}

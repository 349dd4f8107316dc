/// What happens to sessions, one event after the other, in the order in which it happens.
///
///     for try await event in sessions.events(of: "s1") {
///       print(event.kind.rawValue, event.version ?? 0)
///     }
///
/// Each iteration watches for itself, from its first `next` on, or from the event given as `since:`. It ends
/// when it throws: `CancellationError` when its task is cancelled, `SessionError` when the client was closed
/// or may not watch.
///
/// Nothing is left out silently. Where events are missing an event of the kind `.missed` says so: read anew
/// what matters. That happens when the daemon was started anew, and when the loop takes its events so slowly
/// that the daemon has forgotten the next one, of which it keeps 65,536.
public struct SessionEvents: AsyncSequence, Sendable {
  private let makeSource: @Sendable () -> any EventSource

  init(_ makeSource: @escaping @Sendable () -> any EventSource) {
    self.makeSource = makeSource
  }

  public func makeAsyncIterator() -> Iterator { Iterator(makeSource()) }

  /// Where an iteration is.
  public struct Iterator: AsyncIteratorProtocol {
    private let watch: Watch

    /// Stops when the last copy of the iterator goes.
    private final class Watch: Sendable {
      let source: any EventSource

      init(_ source: any EventSource) { self.source = source }
      deinit { source.stop() }
    }

    init(_ source: any EventSource) {
      watch = Watch(source)
    }

    /// Returns when the watch has begun: whatever happens from then on will be delivered. `next` sees to
    /// that by itself; this is for who wants to read something in between.
    ///
    /// - Returns: the number of the last event that there was then.
    @discardableResult
    nonisolated(nonsending) public func begin() async throws -> Int { try await watch.source.begin() }

    /// Waits for the next event. Never nothing: an iteration ends by an error.
    nonisolated(nonsending) public mutating func next() async throws -> SessionEvent? {
      try await watch.source.next()
    }
  }
}

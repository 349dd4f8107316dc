import Logging
import SessionCache
import SessionStore
import SystemCalls

/// The store behind the cache, from the settings to the service.
extension Server {
  /// A store, its opening, and what that has answered with if it has.
  struct OpenedStore {
    let store: any Store
    let ears: StoreEars
    let opening: StoreOpening
    let opened: Result<StoreFacts, StoreError>?

    var backing: Backing { store.isShared ? .shared : .own }
  }

  /// A start waits so long for the store, in nanoseconds. What is in memory is served while it is still being opened.
  private static let openingMost: Int64 = 5_000_000_000

  /// Opens the store that the settings name; nil: none. One that is not there now is tried again later; one that can't
  /// be used as it is ends the start before the segment is touched.
  func openStore() throws -> OpenedStore? {
    let ears = StoreEars()
    guard let store = StoreFactory.make(configuration, listener: ears, clock: clock) else { return nil }
    let opening = try StoreOpening(store)
    let opened = opening.wait(nanoseconds: Self.openingMost)
    if case .failure(.unfit(let reason)) = opened {
      store.close()
      throw StartError.configuration(complaint(reason))
    }
    return OpenedStore(store: store, ears: ears, opening: opening, opened: opened)
  }

  /// Which setting is to be mended where a store can't be used: credentials that can't be read are told of as in
  /// `ConfigurationReport`.
  private func complaint(_ reason: String) -> String {
    if case .redis = configuration.store, let path = configuration.storeCredentials {
      do throws(StoreCredentials.Failure) {
        _ = try StoreCredentials(file: path)
      } catch {
        return "\(settled.source(.storeCredentials)): \(error)"
      }
    }
    return "\(settled.source(.store)): \(configuration.store): \(reason)"
  }

  func makeService(
    _ opened: OpenedStore, _ cache: SessionCache, _ origin: SegmentOrigin, _ wallClock: WallClock,
    _ change: StatusChange
  ) throws(SystemCallError) -> StoreService {
    let report = StoreReport(
      logger: logger, name: "\(configuration.store)", kind: configuration.store.kind,
      damageLog: RateLimitedLog(logger, level: .warning, clock: clock), stateChanged: { change.tell() })
    let service = StoreService(
      opened.store, listener: opened.ears, cache: cache, terms: storeTerms, opening: opened.opening,
      opened: opened.opened,
      warmsUp: origin.isEmpty, clock: clock, wallClock: wallClock, report: report)
    opened.ears.listen(for: service)
    try service.start()
    return service
  }

  var storeTerms: StoreTerms {
    StoreTerms(
      flushEvery: configuration.flushEvery, queueMost: configuration.storeQueue,
      timeout: configuration.storeTimeout,
      isThrough: configuration.durability == .through, staleFor: configuration.staleFor)
  }

  /// Saves what is unsaved; systemd is told that this takes its time.
  func stop(_ service: StoreService) {
    let unsaved = service.stop { _ = manager.tell("EXTEND_TIMEOUT_USEC=\(Self.stopExtensionMicroseconds)") }
    // A shared store has all changes before they are acknowledged; it has not heard of some uses.
    if unsaved > 0, !service.store.isShared {
      logger.warning(
        "\(unsaved) changes are not in the store yet; they stay in the segment for the next start")
    }
  }

  /// Told several times a second while it holds: so long may the stop take from then on.
  private static let stopExtensionMicroseconds = 10_000_000
}

extension SegmentOrigin {
  /// Whether the cache begins without what the daemon before had in it.
  fileprivate var isEmpty: Bool {
    switch self {
    case .fresh: true
    case .setAside(_, _, let sessions): sessions == 0
    case .adopted, .moved, .keptAsItIs: false
    }
  }
}

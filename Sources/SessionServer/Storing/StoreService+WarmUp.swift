import SessionCache
import SessionStore
import Synchronization
import SystemCalls

/// Filling an empty cache with what was used last, a page at a time, as long as that has room for sure.
extension StoreService {
  /// Read in one call: enough to be fast, few enough that who asks for a session meanwhile does not wait long.
  private static let warmedAtOnce = 1000
  /// So many pages in a row are read in vain before it is given up.
  private static let pagesInVainMost = 100
  /// So many records are installed before it is looked whether there is room for more.
  private static let recordsPerLook = 64

  private enum PageEnd {
    case done, full
    /// Something was forgotten since the page was read.
    case stale
  }

  func warmUp(from cursor: StoreCursor?) {
    if cursor == nil {
      counters.warmed.store(max(0, counters.warmed.load(ordering: .relaxed)), ordering: .relaxed)
    }
    let forgotten = cache.forgotten
    withState { $0.changedDuringPage = [] }
    do throws(StoreError) {
      let page = try loading { () throws(StoreError) in
        try store.recent(from: cursor, limit: Self.warmedAtOnce)
      }
      let end = warmUp(page.elements, forgotten)
      let isOver = withState { state in
        state.changedDuringPage = nil
        state.pagesInVain = end == .stale ? state.pagesInVain + 1 : 0
        // A page that can't be relied on is read again.
        let next = end == .stale ? cursor : page.next
        let isAll = end == .done && next == nil
        let isOver = isAll || end == .full || state.pagesInVain == Self.pagesInVainMost
        state.warmUp = isOver ? .none : .waiting(next)
        return isOver
      }
      let sessions = counters.warmed.load(ordering: .relaxed)
      if isOver, sessions > 0 { report.isWarm(sessions: sessions) }
    } catch {
      withState { $0.changedDuringPage = nil }
      noteFailure(error, .loading)
    }
  }

  private func warmUp(_ records: [StoredRecord], _ forgotten: Int) -> PageEnd {
    for (number, record) in records.enumerated() {
      if number % Self.recordsPerLook == 0, !hasRoomToWarmUp { return .full }
      guard warmUp(record, forgotten) else { return .stale }
    }
    return .done
  }

  /// One that was changed, saved and forgotten since the page was read would come back as it was.
  ///
  /// - Returns: whether that can't be.
  private func warmUp(_ record: StoredRecord, _ forgotten: Int) -> Bool {
    guard !isDoubtful(record.id, forgotten) else { return store.isShared }
    guard let image = RecordImage(sound: record, wallClock) else { return true }
    do throws(CacheError) {
      guard try cache.install(image, at: clock.now()) else { return true }
    } catch {
      return true
    }
    guard !isDoubtful(record.id, forgotten) else {
      _ = cache.forget(record.id.span, evenIfUsed: true)
      return store.isShared
    }
    if record.kind == .session { counters.warmed.wrappingAdd(1, ordering: .relaxed) }
    return true
  }

  /// Of a shared store it is told what others change, and noted what is changed here. Of one of our own it is known only
  /// whether anything left memory at all.
  private func isDoubtful(_ id: [UInt8], _ forgotten: Int) -> Bool {
    guard store.isShared else { return cache.forgotten != forgotten }
    return withState { $0.changedDuringPage?.contains(id) != false }
  }

  /// An eighth of memory stays free for what is asked for and written meanwhile. Where more is taken from the system,
  /// such as before a start that forgot everything, a quarter has to be free for nothing to have to leave.
  private var hasRoomToWarmUp: Bool {
    let statistics = cache.statistics
    let limit = statistics.memoryLimit
    return statistics.memoryReserved < limit / 8 * 7 || statistics.memoryUsed < limit / 4 * 3
  }
}
